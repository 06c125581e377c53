"""Dialogues that are going on right now: each decides, stores, and only then tells."""

from server.live.dialogue import Connection, LiveDialogue
from server.live.hub import Hub

__all__ = ["Connection", "Hub", "LiveDialogue"]
