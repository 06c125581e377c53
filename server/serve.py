"""Serving with one process or several, and working on jobs alone; what is wrong is told before anything starts."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import webbrowser
from contextlib import closing

import uvicorn
import uvloop

from core.errors import LendanearError, Unusable
from server.app import create_app
from server.connections import ANSWER_S, HEARTBEAT_S, AttentiveSockets, PromptRequests
from server.logs import configure_logs
from server.memory import share_freed_memory, spare_conversations_the_collector
from server.opening import open_world
from server.settings import Settings
from server.supervisor import Supervisor
from server.world import World

MAX_SOCKET_FRAME = 64 * 1024
GRACE_S = 10


def serve(settings: Settings, *, host: str, port: int, workers: int, browser: bool) -> None:
    """Serve until interrupted, with `workers` processes. Raises `Unusable` before anything is served."""
    configure_logs()
    address = f"http://{_named(host)}:{port}"
    with closing(_listen(host, port)) as listening:
        if workers == 1:
            _serve_here(settings, listening, address, browser=browser)
        else:
            Supervisor(_serve_as_one_of_many, settings, listening, address, workers=workers).run()


def _serve_as_one_of_many(settings: Settings, listening: socket.socket, address: str) -> None:
    """What each of several processes does; a fault is one line, as with a single one."""
    configure_logs()
    try:
        _serve_here(settings, listening, address, browser=False)
    except LendanearError as fault:
        sys.exit(fault.message)


def _serve_here(settings: Settings, listening: socket.socket, address: str, *, browser: bool) -> None:
    share_freed_memory()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listening, address, browser=browser))


async def _serve(settings: Settings, listening: socket.socket, address: str, *, browser: bool) -> None:
    async with open_world(settings) as world:
        signal.signal(signal.SIGTERM, _leave)
        print(f"lendanear serves at {address} (stop with Ctrl-C)", flush=True)
        if browser:
            webbrowser.open(address)
        spare_conversations_the_collector()
        await uvicorn.Server(configuration(world)).serve(sockets=[listening])


def _leave(_number: int, _frame: object) -> None:
    """Close the world on the way out; uvicorn raises the signal again when it has stopped, which would end at once."""
    sys.exit(0)


def work(settings: Settings) -> None:
    """Do jobs until interrupted. Raises `Unusable` when it cannot begin."""
    configure_logs()
    share_freed_memory()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_world(settings, takes_judgements=True):
        print("lendanear works on jobs (stop with Ctrl-C)", flush=True)
        await stop.wait()


def configuration(world: World) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        create_app(world),
        http=PromptRequests,
        ws=AttentiveSockets,
        ws_max_size=MAX_SOCKET_FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=HEARTBEAT_S,
        ws_ping_timeout=ANSWER_S,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )


def _named(host: str) -> str:
    """The host as it stands in an address: the parts of IPv6 have colons of their own."""
    return f"[{host}]" if ":" in host else host


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        with closing(listening):
            raise Unusable(f"cannot serve at {_named(host)}:{port}: {error.strerror}; choose another --port") from None
    return listening
