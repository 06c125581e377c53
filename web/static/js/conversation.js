// @ts-check
/** The page of a timed conversation: clock, notices, and the way on once it is over. */

import { Countdown } from "./clock.js";
import { part } from "./log.js";
import { Talk } from "./talk.js";

/** @type {Record<string, string>} */
const ENDINGS = {
  time: "That was the time for this conversation. Thank you for being there for them.",
  finished: "This conversation has come to its end. Thank you for being there for them.",
  failed: "Your partner cannot go on. That is a fault on our side and nothing you did. You can simply continue.",
  abandoned: "This conversation was closed because it rested for too long. You can simply continue.",
};
const SUPPORT = "The clock is waiting. Take care of yourself first; you may go on, take a break or stop.";
/** Somebody who is typing when the time is up must not go on by the key meant for the line. */
const TYPING_ON_MS = 1200;

const root = part(document, "[data-conversation]");
const talk = new Talk(root);
const limitMs = Number(root.dataset.limitMs);
const bar = /** @type {HTMLProgressElement} */ (part(root, "[data-clock-bar]"));
const clock = part(root, "[data-clock]");

const countdown = new Countdown({
  show: ({ time, ms, reason, running }) => {
    part(root, "[data-clock-time]").textContent = time;
    part(root, "[data-clock-reason]").textContent = reason;
    clock.classList.toggle("is-paused", !running);
    clock.classList.toggle("is-short", running && ms <= Math.min(30_000, limitMs / 4));
    bar.value = Math.min(1, ms / limitMs);
  },
  speak: (words) => { part(root, "[data-spoken]").textContent = words; },
});

talk.on("clock", (frame) => countdown.set(frame));
talk.on("connection", ({ state }) => { if (state !== "joined" && state !== "connecting") countdown.freeze(); });
talk.on("messages", () => {
  if ([...talk.dialogue.messages.values()].some(({ role }) => role === "supporter")) countdown.begin();
});
talk.on("notice", ({ code, text }) => (code === "support_resources" ? offerSupport(text) : talk.banner(text)));
talk.on("connection", ({ state }) => { if (state === "damaged") close("failed", ""); });
talk.on("closed", ({ reason, lost }) => close(reason, lost));
for (const kind of /** @type {const} */ (["focus", "blur"])) window.addEventListener(kind, () => void talk.events.tell(kind, {}));
talk.start();

/** @param {string} text */
function offerSupport(text) {
  const sheet = document.getElementById("help-lines");
  // The sheet says it all; beneath it a few words suffice, so that a small screen keeps room for the conversation.
  if (sheet) talk.banner(SUPPORT, { label: "Show help lines", act: () => sheet.showPopover() }, true);
  else talk.banner(text, undefined, true);
  const notice = sheet?.querySelector("[data-support]");
  if (!sheet || !(notice instanceof HTMLElement)) return;
  notice.textContent = text;
  notice.hidden = false;
  if (!sheet.matches(":popover-open")) sheet.showPopover();
}

/** @param {string} reason @param {string} lost */
function close(reason, lost) {
  if (reason === "withdrawn") return location.assign(talk.home);
  countdown.stop();
  clock.hidden = bar.hidden = true;
  const wasTyping = performance.now() - talk.composer.writtenAt < TYPING_ON_MS;
  const unfinished = lost || talk.composer.text;
  if (unfinished) talk.log.unsent(unfinished);
  talk.composer.hide();
  showWayOn(`${ENDINGS[reason] ?? ENDINGS.finished}${unfinished ? " Your last line came too late to be sent; that is all right." : ""}`, wasTyping);
}

/** @param {string} words @param {boolean} wasTyping */
function showWayOn(words, wasTyping) {
  const closing = part(root, "[data-closing]");
  const button = part(closing, "button");
  const closedAt = performance.now();
  part(closing, "[data-closing-text]").textContent = words;
  closing.hidden = false;
  let byPointer = false;
  button.addEventListener("pointerdown", () => { byPointer = true; });
  closing.addEventListener("submit", (event) => {
    if (wasTyping && !byPointer && performance.now() - closedAt < TYPING_ON_MS) event.preventDefault();
  }, { capture: true });
  button.focus();
  talk.log.toEnd();
}
