"""Processes of a measurement: started on chosen cores, watched through /proc, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

START_S = 60.0
STOP_S = 20.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_OURS = ("LENDANEAR_", "OPENAI_")


@dataclass(frozen=True, slots=True)
class Cores:
    """Where things run: what is measured on one core, what measures it on the others."""

    measured: frozenset[int]
    measuring: frozenset[int]

    @property
    def are_apart(self) -> bool:
        return not self.measured & self.measuring


def cores() -> Cores:
    """The last core for what is measured and the others for the rest; all share one where there is only one."""
    available = sorted(os.sched_getaffinity(0))
    measured = frozenset(available[-1:])
    return Cores(measured=measured, measuring=frozenset(available) - measured or measured)


@dataclass
class Running:
    """A process that was started here."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def pause(self) -> None:
        """Take no processor time from others until `go_on`."""
        self._tell(signal.SIGSTOP)

    def go_on(self) -> None:
        self._tell(signal.SIGCONT)

    def stop(self) -> None:
        """End it and what it has started, politely first."""
        if self.process.poll() is None:
            started = family(self.pid)[1:]
            self.go_on()
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            for pid in started:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)

    def _tell(self, what: signal.Signals) -> None:
        for pid in family(self.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, what)

    def wait_until_listening(self) -> None:
        """Return once it takes connections. Raises `RuntimeError`, with its own words, when it does not start."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise RuntimeError(f"it did not start:\n{self.log.read_text()[-2000:]}")


def start(
    module: str, *options: str, on: Iterable[int], log: Path, port: int = 0, env: Mapping[str, str] | None = None
) -> Running:
    """Start `python -m module --port PORT options…` on the cores `on`; it listens when this returns."""
    port = port or free_port()
    command = [sys.executable, "-m", module, *options, "--port", str(port)]
    return start_command(command, port=port, on=on, log=log, env=env)


def start_command(
    command: Sequence[str],
    *,
    port: int,
    on: Iterable[int],
    log: Path,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Running:
    """Start any command that will listen on `port`, in `folder` where one is given; it listens when this returns."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, env=clean_environment(env), cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    os.sched_setaffinity(process.pid, set(on))  # before it has loaded anything, so its threads inherit it
    running = Running(process, port, log)
    running.wait_until_listening()
    return running


def print_whole(answer: bytes) -> None:
    """Print a long answer to the last byte: an unbuffered standard output may take only a part of it."""
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as output:
        output.write(answer)


def clean_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without any setting of the program, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "LENDANEAR_NO_REAL_MODELS": "1", **(more or {})}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pin(pids: Iterable[int], on: Iterable[int]) -> None:
    """Move running processes to the cores `on`; what they start later goes there too."""
    for pid in pids:
        os.sched_setaffinity(pid, set(on))


def family(pid: int) -> list[int]:
    """The process and everything below it that lives now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def cpu_s(pids: Sequence[int]) -> float:
    """Processor seconds of these processes' families so far, ended children included, user and system together."""
    ticks = 0
    for pid in dict.fromkeys(member for root in pids for member in family(root)):
        if (fields := _stat(pid)) is not None:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS_PER_S


def core_cpu_s(cores: Iterable[int]) -> float:
    """Processor seconds that these cores have worked, whoever asked, or were taken away by the machine's host."""
    names, ticks = {f"cpu{core}" for core in cores}, 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name in names:
            user, nice, system, steal = (int(fields[place]) for place in (0, 1, 2, 7))
            ticks += user + nice + system + steal
    return ticks / _TICKS_PER_S


def rss_kib(pid: int) -> int:
    """Resident memory of one process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name: [0] is the state, [1] the parent, [11] to [14] the times."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
