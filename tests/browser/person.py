"""A person who takes part at a browser: knows what the page shows, and does what a careful reader would do."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from playwright.sync_api import Error, Locator, Page, expect

LINES = (
    "That sounds so hard. How are you holding up?",
    "I can hear how much this weighs on you. What has been the worst part?",
    "It makes sense that you feel torn about it. Tell me more about that.",
    "So it is not only the thing itself, it is also that nobody noticed. Is that right?",
    "Thank you for telling me. What would you wish others understood?",
)
QUESTION = "How could I have asked more about how they felt?"
MOST_STEPS = 40
MOMENT_MS = 1100
"""At scale 60 the longest lesson, 57 s, must have been under way for (57 - 1) / 60 s."""
QUICK_MS = 800
SETTLED_MS = 15_000
"""How long a page may take on a machine that does other things as well."""


@dataclass
class Person:
    """One participant's browser window, and what the person in front of it has read so far."""

    page: Page
    pid: str = ""
    lines: Iterator[str] = field(default_factory=lambda: itertools.cycle(LINES))
    titles: list[str] = field(default_factory=list)
    """Of the steps that are done."""
    said: list[str] = field(default_factory=list)
    """What the pages of finished conversations showed as said by oneself."""

    # Reading

    @property
    def place(self) -> Locator:
        """Where the page says that one stands: "Step 3 of 14"."""
        return self.page.locator(".steps__label")

    @property
    def onward(self) -> Locator:
        return self.page.get_by_role("button", name="Continue", exact=True)

    @property
    def box(self) -> Locator:
        """Where one writes to the partner or to the coach."""
        return self.page.get_by_role("textbox", name=re.compile("Your message|Your question to the coach"))

    @property
    def open_box(self) -> Locator:
        """The box while it takes a line."""
        return self.box.and_(self.page.locator("[aria-readonly=false]"))

    @property
    def title(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def kind(self) -> str:
        """What kind of page this is, by what stands on it."""
        page = self.page
        signs = {
            "end": page.get_by_role("heading", name="Your completion code"),
            "conversation": page.get_by_label("Your message"),
            "coach": page.get_by_label("Your question to the coach"),
            "video": page.locator("video"),
            "consent": page.get_by_role("button", name="I agree: begin"),
            "survey": page.get_by_role("main").locator("form fieldset, form textarea"),
        }
        expect(self.title).to_be_visible()
        return next((kind for kind, sign in signs.items() if sign.count()), "page")

    # Acting

    def agree(self) -> None:
        self.page.get_by_role("checkbox", name="I have read this page").check()
        self.page.get_by_role("button", name="I agree: begin").click()
        expect(self.place).to_contain_text("Step 2 of")

    def walk(self, *, until: str = "end") -> None:
        """Take one step after another until a page of the kind `until` is reached; it is not taken."""
        for _ in range(MOST_STEPS):
            if (kind := self.kind()) == until:
                return
            self.do(kind)
            self.go_on(kind)
        raise AssertionError(f"no {until} in {MOST_STEPS} steps: {self.titles}")

    def do(self, kind: str) -> None:
        """Do what a page of this kind asks for; Continue is not yet pressed."""
        acts = {"survey": self.answer, "conversation": self.converse, "video": self.watch, "coach": self.ask_coach}
        if kind in acts:
            acts[kind]()

    def go_on(self, kind: str) -> None:
        """Press the button that leads to the next step, and wait for it."""
        self.titles.append(self.title.inner_text())
        if kind == "consent":
            self.agree()
            return
        before = self.place.inner_text()
        self.onward.click()
        expect(self.place).not_to_have_text(before, timeout=SETTLED_MS)

    def answer(self) -> None:
        """Answer everything that is asked."""
        for group in self.page.get_by_role("group").all():
            choices = group.get_by_role("radio")
            if count := choices.count():
                choices.nth(len(self.titles) % count).check()
        for honest in self.page.get_by_role("radio", name="No, I wrote everything myself").all():
            honest.check()
        for field_ in self.page.get_by_role("main").get_by_role("textbox").all():
            field_.fill("34" if field_.get_attribute("inputmode") == "decimal" else "It went well, I think.")

    def say(self, line: str) -> None:
        """Write a line when it is one's turn, and send it."""
        expect(self.open_box).to_be_visible(timeout=SETTLED_MS)
        self.box.fill(line)
        self.box.press("Enter")

    def converse(self) -> None:
        """Talk until the time is up, which may be in the middle of a line; then remember what was said."""
        while self.is_my_turn():
            with suppress(Error):
                self.box.fill(next(self.lines), timeout=QUICK_MS)
                self.box.press("Enter", timeout=QUICK_MS)
        self.said += self.page.locator(".message--supporter:not(.is-unsent) p").all_inner_texts()

    def is_my_turn(self) -> bool:
        """Wait until one may write, or the conversation is over; whether one may write."""
        expect(self.open_box.or_(self.onward)).to_be_visible(timeout=SETTLED_MS)
        return not self.onward.is_visible()

    def watch(self) -> None:
        """Play every video for a moment and skip to its end, as somebody who rehearses may."""
        for lesson in self.page.locator("section.lesson").all():
            video = lesson.locator("video")
            video.focus()
            video.press("Space")
            expect(lesson.get_by_text("Playing")).to_be_visible()
            self.page.wait_for_timeout(MOMENT_MS)
            video.press("End")
            expect(lesson.get_by_text("Watched", exact=True)).to_be_visible()

    def read_feedback(self) -> str:
        """Wait for the coach's feedback; its words."""
        feedback = self.page.locator(".feedback")
        expect(feedback).not_to_contain_text("The coach is reading", timeout=SETTLED_MS)
        return feedback.inner_text()

    def ask_coach(self, question: str = QUESTION) -> None:
        """Read the feedback, ask a question, and read the answer."""
        self.read_feedback()
        answers = self.page.get_by_role("log").get_by_text("The coach:")
        before = answers.count()
        self.say(question)
        expect(answers).to_have_count(before + 1, timeout=SETTLED_MS)
