// @ts-check
/** The coach's page: the feedback when it comes, its three scores, questions, and the way on once enough were asked. */

import { part } from "./log.js";
import { markQuotes } from "./quotes.js";
import { Talk } from "./talk.js";

const root = part(document, "[data-coach]");
const wanted = Number(root.dataset.minQuestions);
const feedback = part(root, "[data-feedback]");
const button = part(root, "[data-continue]");
const why = part(root, "[data-why]");
/** @type {Talk | null} */
const talk = root.querySelector("[data-composer]") ? new Talk(root) : null;
/** @type {number | null} */
let feedbackSeq = null;

if (talk) listen(talk);
part(root, "[data-closing]").addEventListener("submit", (event) => {
  if (button.getAttribute("aria-disabled") !== "true") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  why.classList.add("is-urgent");
  talk?.composer.box.focus();
}, { capture: true });

/** @param {Talk} talk */
function listen(talk) {
  talk.choose = (messages) => messages.filter(({ seq }) => seq !== takeFeedback());
  talk.on("messages", () => count(talk));
  talk.on("typing", ({ role }) => role === "coach" && feedbackSeq === null && previewFeedback(""));
  talk.on("delta", ({ role, text }) => role === "coach" && feedbackSeq === null && previewFeedback(text));
  talk.on("notice", ({ code, text }) => (code === "coach_unavailable" ? unavailable(talk, text) : talk.banner(text)));
  talk.on("closed", ({ reason }) => close(talk, reason));
  talk.start();
}

/** The first message of the coach is the feedback; it is shown once, in its own place. @returns {number | null} its seq */
function takeFeedback() {
  if (feedbackSeq !== null || !talk) return feedbackSeq;
  const first = [...talk.dialogue.messages.values()].sort((a, b) => a.seq - b.seq).find(({ role }) => role === "coach");
  if (!first) return null;
  feedbackSeq = first.seq;
  showFeedback(first.text);
  return feedbackSeq;
}

/** @param {string} text */
function showFeedback(text) {
  const paragraphs = text.split(/\n{2,}/).map((words) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = words;
    return paragraph;
  });
  feedback.replaceChildren(...paragraphs);
  const lines = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".line--supporter .line__text"));
  const found = markQuotes(feedback, [...lines]);
  part(root, "[data-quotes-note]").hidden = found === 0;
  if (root.querySelector("[data-meters][hidden]")) void fetchMeters();
}

/** What is there of the feedback while it is being written; read aloud only when it is whole. @param {string} text */
function previewFeedback(text) {
  talk?.log.endPreview();
  let preview = feedback.querySelector("[data-feedback-preview]");
  if (!preview && text) {
    preview = document.createElement("p");
    preview.setAttribute("data-feedback-preview", "");
    preview.setAttribute("aria-hidden", "true");
    feedback.prepend(preview);
  }
  if (preview) preview.textContent = text ? preview.textContent + text : "";
}

/** The scores are stored before the words are sent: who has the words has only to ask once. */
async function fetchMeters() {
  const late = part(root, "[data-meters-late]");
  late.hidden = false;
  late.textContent = "The scores are on their way…";
  const content = await currentContent();
  if (content?.meters) {
    late.hidden = true;
    showMeters(content.meters);
  } else if (content) {
    late.textContent = "There are no scores this time: they could not be worked out. That says nothing about how you did.";
  } else {
    late.textContent = "The scores could not be fetched. Reload the page to see them.";
  }
}

/** What the current step holds; null when it cannot be asked for. @returns {Promise<Record<string, any> | null>} */
async function currentContent() {
  try {
    const headers = { accept: "application/json" };
    const answer = await fetch(root.dataset.metersAt ?? "", { credentials: "same-origin", headers });
    return answer.ok ? (await answer.json()).step.content : null;
  } catch {
    return null;
  }
}

/** @param {Record<string, number | null>} meters */
function showMeters(meters) {
  for (const meter of root.querySelectorAll("[data-meter]")) {
    const score = meters[/** @type {HTMLElement} */ (meter).dataset.meter ?? ""];
    if (typeof score !== "number") continue;
    part(meter, "[data-score]").textContent = `${score}/10`;
    const bar = part(meter, "[role=meter]");
    bar.setAttribute("aria-valuenow", String(score));
    bar.setAttribute("aria-valuetext", `${score} out of 10`);
    bar.querySelectorAll("i").forEach((pip, index) => pip.classList.toggle("is-on", index < score));
  }
  part(root, "[data-meters]").hidden = false;
}

/** @param {Talk} talk */
function count(talk) {
  const asked = [...talk.dialogue.messages.values()].filter(({ role }) => role === "supporter").length;
  if (asked >= wanted) openWayOn();
}

function openWayOn() {
  button.removeAttribute("aria-disabled");
  why.hidden = true;
  const reminder = root.querySelector("[data-reminder]");
  if (reminder instanceof HTMLElement) reminder.hidden = true;
}

/** The coach has failed for good: the way on is open. @param {Talk} talk @param {string} text */
function unavailable(talk, text) {
  if (feedbackSeq === null) tellFailure();
  talk.banner(text, undefined, true);
  openWayOn();
}

function tellFailure() {
  const told = document.createElement("p");
  told.textContent = "The coach could not read your conversation this time. That is a fault on our side and says nothing about how you did. You can go on.";
  feedback.replaceChildren(told);
}

/** @param {Talk} talk @param {string} reason */
function close(talk, reason) {
  if (reason === "withdrawn") return location.assign(talk.home);
  talk.composer.hide();
  if (feedbackSeq === null) tellFailure();
  else if (reason === "failed") talk.banner("The coach cannot answer any more. That is a fault on our side; you can go on.", undefined, true);
  openWayOn();
}
