// @ts-check
/** The messages on the page: stored ones by seq, the line under way, and the preview of a reply being written. */

/** @typedef {import("./dialogue.js").Message} Message */

/** @type {Record<string, string>} */
const WHO = { supporter: "You", seeker: "Your partner", coach: "The coach" };
const NEAR_END_PX = 160;

export class Log {
  /** @type {Map<number, HTMLElement>} */
  #shown = new Map();
  /** @type {HTMLElement | null} */
  #pending = null;
  #previewed = false;
  #follows = true;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.scroll = part(root, "[data-scroll]");
    this.log = part(root, "[data-log]");
    this.preview = part(root, "[data-preview]");
    this.previewText = part(root, "[data-preview-text]");
    this.scroll.addEventListener("scroll", () => { this.#follows = this.#isAtEnd(); }, { passive: true });
    // The keyboard of a phone, a growing box or a banner take room away: the newest line stays in sight.
    new ResizeObserver(() => this.#follows && this.toEnd()).observe(this.scroll);
  }

  /** Show messages that are not shown yet, each in its place. @param {Message[]} messages @param {boolean} quietly not read aloud */
  add(messages, quietly) {
    this.log.setAttribute("aria-live", quietly ? "off" : "polite");
    const follow = this.#isAtEnd() || messages.some(({ role }) => role === "supporter");
    for (const message of messages) {
      if (message.role !== "supporter") this.endPreview();
      if (!this.#shown.has(message.seq)) this.#place(message);
    }
    if (quietly) setTimeout(() => this.log.setAttribute("aria-live", "polite"), 500);
    if (follow) this.toEnd();
  }

  /** @param {Message} message */
  #place(message) {
    const bubble = message.role === "supporter" && this.#pending ? this.#takePending() : makeBubble(message.role, message.text);
    bubble.dataset.seq = String(message.seq);
    bubble.classList.toggle("is-new", !this.#previewed && this.#shown.size > 0);
    this.#previewed = false;
    const next = [...this.#shown.keys()].sort((a, b) => a - b).find((seq) => seq > message.seq);
    this.log.insertBefore(bubble, next === undefined ? null : (this.#shown.get(next) ?? null));
    this.#shown.set(message.seq, bubble);
  }

  #takePending() {
    const bubble = /** @type {HTMLElement} */ (this.#pending);
    this.#pending = null;
    bubble.classList.remove("is-pending");
    bubble.querySelector("[data-fate]")?.remove();
    return bubble;
  }

  /** Show the line under way, or take it away. @param {string | null} text @param {string} fate */
  pending(text, fate) {
    if (text === null) {
      this.#pending?.remove();
      this.#pending = null;
      return;
    }
    if (!this.#pending) {
      this.#pending = makeBubble("supporter", text);
      this.#pending.classList.add("is-pending");
      this.log.append(this.#pending);
      this.toEnd();
    }
    this.#fate(this.#pending, fate);
  }

  /** @param {HTMLElement} bubble @param {string} text */
  #fate(bubble, text) {
    const note = bubble.querySelector("[data-fate]") ?? bubble.appendChild(document.createElement("small"));
    note.setAttribute("data-fate", "");
    if (note.textContent !== text) note.textContent = text;
  }

  /** A line that was written and not stored. @param {string} text */
  unsent(text) {
    this.pending(null, "");
    const bubble = makeBubble("supporter", text);
    bubble.classList.add("is-unsent");
    this.#fate(bubble, "not sent");
    this.log.append(bubble);
    this.toEnd();
  }

  /** A reply is being written. */
  startPreview() {
    this.previewText.textContent = "";
    this.preview.classList.remove("has-text");
    this.preview.hidden = false;
    if (this.#isAtEnd()) this.toEnd();
  }

  /** @param {string} text */
  fillPreview(text) {
    if (this.preview.hidden) this.startPreview();
    const follow = this.#isAtEnd();
    this.previewText.textContent += text;
    this.preview.classList.add("has-text");
    if (follow) this.toEnd();
  }

  endPreview() {
    this.#previewed ||= this.preview.classList.contains("has-text");
    this.preview.hidden = true;
    this.preview.classList.remove("has-text");
    this.previewText.textContent = "";
  }

  #isAtEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.#follows = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }
}

/** @param {string} role @param {string} text @returns {HTMLElement} */
function makeBubble(role, text) {
  const bubble = document.createElement("div");
  bubble.className = `message message--${role}`;
  const who = document.createElement("span");
  who.className = "visually-hidden";
  who.textContent = `${WHO[role] ?? role}: `;
  const words = document.createElement("p");
  words.textContent = text;
  bubble.append(who, words);
  return bubble;
}

/** @param {ParentNode} root @param {string} selector @returns {HTMLElement} throws when the template lacks it */
export function part(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page lacks ${selector}`);
  return found;
}
