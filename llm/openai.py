"""The `openai` provider: any address of the chat-completions API, live by our own reader, else by its client."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai
from openai import RequestOptions
from pydantic import SecretStr

from llm.chunks import CompletionReader
from llm.dialect import Dialect, Wording
from llm.embeddings import read_embeddings
from llm.faults import BadRequest, ModelFault, TimedOut, Unreachable
from llm.limits import Limits
from llm.live import stream_completion
from llm.provider import Call, Parameters
from llm.reply import T, Usage
from llm.request import PromptMessage, Request
from llm.sorting import fault_of_status
from llm.structured import Ladder, ResponseFormat

PUBLIC_URL = "https://api.openai.com/v1"
NO_REAL_MODELS = "LENDANEAR_NO_REAL_MODELS"
"""Set to 1 (in tests), no address but this machine's own is asked, and trying to is a bug."""


class RealModelForbidden(RuntimeError):
    """A model beyond this machine was about to be asked where that is forbidden. No `ModelFault`: nothing may go on."""


class OpenAIProvider:
    """Asks one base address. Connections are opened in the loop that first asks, and closed by `aclose`."""

    name = "openai"

    def __init__(
        self, *, base_url: str = PUBLIC_URL, api_key: SecretStr | None = None, limits: Limits | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = api_key.get_secret_value() if api_key else ""
        self._options: RequestOptions = {} if self._key else {"headers": {"Authorization": openai.Omit()}}
        self._limits = limits or Limits()
        self._dialects: dict[str, Dialect] = {}
        self._ladder = Ladder()
        self._connections: _Connections | None = None

    def stream(self, request: Request, *, model: str, parameters: Parameters) -> AsyncIterator[str | Usage]:
        """The pieces of a text, its usage last."""
        return stream_completion(
            self._connect().session,
            f"{self.base_url}/chat/completions",
            headers=self._headers(),
            wording=Wording(self._dialect(model), model, request.prompt.messages, parameters, is_stream=True),
            limits=self._limits,
            secret=self._key,
        )

    async def answer(
        self, request: Request, schema: type[T], *, model: str, parameters: Parameters, call: Call
    ) -> tuple[T, str, Usage]:
        """An answer that fits `schema`, on the strictest rung that the endpoint serves."""

        async def ask(messages: Sequence[PromptMessage], response_format: ResponseFormat | None) -> tuple[str, Usage]:
            return await self._complete(
                Wording(self._dialect(model), model, messages, parameters, response_format=response_format)
            )

        return await self._ladder.answer(ask, request.prompt.messages, schema, model=model, call=call)

    async def embed(
        self, texts: Sequence[str], *, model: str, parameters: Parameters
    ) -> tuple[list[list[float]], Usage]:
        """The embedding of each text, in their order. Raises a `ModelFault`, also for an answer that is none."""
        body = {**parameters, "model": model, "input": list(texts), "encoding_format": "float"}
        content = await self._post(self._connect().client, "/embeddings", body)
        return read_embeddings(content, count=len(texts), secret=self._key)

    async def aclose(self) -> None:
        """Close every connection; asking again opens new ones."""
        if self._connections is not None:
            await self._connections.aclose()
            self._connections = None

    async def _complete(self, wording: Wording) -> tuple[str, Usage]:
        client = self._connect().client
        while True:
            body = wording.body()
            try:
                return read_completion(await self._post(client, "/chat/completions", body), secret=self._key)
            except BadRequest as refusal:
                if not wording.learn(refusal, body):
                    raise

    async def _post(self, client: openai.AsyncOpenAI, path: str, body: Mapping[str, object]) -> bytes:
        try:
            async with asyncio.timeout(self._limits.total_s):
                response = await client.post(path, cast_to=httpx2.Response, body=body, options=self._options)
        except (TimeoutError, openai.APITimeoutError):
            raise TimedOut(f"no answer within {self._limits.total_s:g} s") from None
        except openai.APIStatusError as error:
            raise self._sorted(error.response) from None
        except openai.APIConnectionError as error:
            raise Unreachable(
                f"no connection to {urlsplit(self.base_url).netloc} ({error.__cause__ or error})"
            ) from None
        return response.content

    def _sorted(self, response: httpx2.Response) -> ModelFault:
        return fault_of_status(response.status_code, headers=response.headers, body=response.content, secret=self._key)

    def _dialect(self, model: str) -> Dialect:
        return self._dialects.setdefault(model, Dialect())

    def _headers(self) -> dict[str, str]:
        # "identity": a compressed stream is held back by whoever compresses it until there is enough to compress
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream", "Accept-Encoding": "identity"}
        return {**headers, "Authorization": f"Bearer {self._key}"} if self._key else headers

    def _connect(self) -> _Connections:
        check_may_ask(self.base_url)
        if self._connections is None or self._connections.loop is not asyncio.get_running_loop():
            self._connections = _Connections(base_url=self.base_url, key=self._key, limits=self._limits)
        return self._connections


class _Connections:
    """The connections of one event loop: aiohttp's for live streams, the official client's for whole answers."""

    def __init__(self, *, base_url: str, key: str, limits: Limits) -> None:
        self.loop = asyncio.get_running_loop()
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # how many ask at once is the door's business
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=not is_own_machine(base_url),  # a laboratory's proxy is not for this machine's own models
        )
        self._base_url, self._key, self._limits = base_url, key, limits

    @cached_property
    def client(self) -> openai.AsyncOpenAI:
        """Made when it is first needed: it loads certificates, for which no live reply should wait."""
        return openai.AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._key or "none",
            max_retries=0,  # the door retries; two layers would multiply
            timeout=httpx2.Timeout(self._limits.total_s, connect=self._limits.connect_s),
        )

    async def aclose(self) -> None:
        await self.session.close()
        if "client" in vars(self):
            await self.client.close()


def check_may_ask(url: str) -> None:
    """Raises `RealModelForbidden` for an address beyond this machine where those are not to be asked."""
    if os.environ.get(NO_REAL_MODELS) == "1" and not is_own_machine(url):
        raise RealModelForbidden(f"{NO_REAL_MODELS}=1 forbids asking {urlsplit(url).hostname}")


def is_own_machine(url: str) -> bool:
    """Whether `url` points at this machine: `localhost` or a loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def read_completion(content: bytes, *, secret: str) -> tuple[str, Usage]:
    """The text and the usage of a whole completion. Raises a `ModelFault` for one that holds no usable text."""
    completion = CompletionReader(secret=secret)
    text = completion.take(content)
    try:
        completion.check()
    except ModelFault as fault:
        fault.raw = fault.raw or text
        raise
    return text, completion.usage or Usage()
