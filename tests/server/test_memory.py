"""Memory over weeks: what conversations leave behind is collected, though what was there at the start is left out."""

from __future__ import annotations

import subprocess
import sys

CONVERSATIONS = """
from collections import deque
from server.memory import spare_conversations_the_collector

class Conversation:
    alive = 0

    def __init__(self):
        self.itself = self
        Conversation.alive += 1

    def __del__(self):
        Conversation.alive -= 1

start = [[] for _ in range(1_000_000)]
spare_conversations_the_collector()
live = deque(maxlen=20_000)
for _ in range(200_000):
    live.append(Conversation())
print(Conversation.alive)
"""


def test_what_lived_long_is_collected_though_much_was_there_at_the_start() -> None:
    """Of 200,000 conversations 20,000 live at once; a collector that waits for the start to double would keep all."""
    told = subprocess.check_output([sys.executable, "-c", CONVERSATIONS], text=True, timeout=120)  # noqa: S603 - no outside input

    assert 20_000 <= int(told) < 100_000
