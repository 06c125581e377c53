"""The chat on Chainlit, as its documentation shows it: the official client, and every token to the page as it comes.

Runs in Chainlit's own environment. The conversation lives in the session; there is no data layer, so nothing is stored.
"""

from __future__ import annotations

import chainlit as cl
from openai import AsyncOpenAI

client = AsyncOpenAI()


@cl.on_chat_start
def begin() -> None:
    cl.user_session.set("history", [])


@cl.on_message
async def answer(message: cl.Message) -> None:
    history = cl.user_session.get("history")
    history.append({"role": "user", "content": message.content})
    reply = cl.Message(content="")
    stream = await client.chat.completions.create(model="fake", messages=history, stream=True)
    async for part in stream:
        if part.choices and (token := part.choices[0].delta.content):
            await reply.stream_token(token)
    history.append({"role": "assistant", "content": reply.content})
    await reply.update()
