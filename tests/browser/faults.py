"""Watches pages for what no visitor should cause or meet: script errors, policy violations, dialogs, failed answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Dialog, Page, Response


@dataclass
class Faults:
    """What went wrong on the watched pages, in words; `expected` names parts of what a test brings about itself."""

    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.note(f"script error at {page.url}: {error}"))
        page.on("console", self._console)
        page.on("dialog", self._dialog)
        page.on("response", self._response)

    def expect(self, *parts: str) -> None:
        """Faults that hold one of these words are brought about by the test."""
        self.expected += parts

    def note(self, fault: str) -> None:
        if not any(part in fault for part in self.expected):
            self.found.append(fault)

    def _console(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.note(f"console: {said.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.note(f"{response.status} from {response.url}")
