// @ts-check
/** The box in which a line is written: Enter sends, the length is counted, what was pasted is told, a draft outlives a reload. */

import { keep, recall } from "./drafts.js";
import { part } from "./log.js";

export const MOST_CHARACTERS = 2000;
const COUNT_FROM = 1800;

export class Composer {
  #pasted = false;
  #open = false;
  /** When something was last written in the box, by keys or otherwise, on the page's clock. */
  writtenAt = -Infinity;

  /** @param {HTMLElement} root @param {{id: string, say: (text: string, pasted: boolean) => void, typing: () => void, pasted: (characters: number) => void}} acts */
  constructor(root, { id, say, typing, pasted }) {
    this.form = part(root, "[data-composer]");
    this.box = /** @type {HTMLTextAreaElement} */ (part(root, "[data-box]"));
    this.button = /** @type {HTMLButtonElement} */ (part(root, "[data-send]"));
    this.count = part(root, "[data-count]");
    this.draft = `draft:${id}`;
    this.say = say;
    this.box.value = String(recall(this.draft) ?? "");
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#send(); });
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.box.addEventListener("input", () => {
      this.writtenAt = performance.now();
      this.#changed();
      typing();
    });
    this.box.addEventListener("paste", (event) => {
      this.#pasted = true;
      pasted(event.clipboardData?.getData("text").length ?? 0);
    });
    this.#changed();
  }

  /** Whether a line can be sent now. The box stays in the tab order, so that nobody loses their place.
   * @param {boolean} open @param {string} [hindrance] what is said in the box when something else than the other one is waited for */
  open(open, hindrance) {
    this.#open = open;
    this.box.readOnly = !open;
    this.form.classList.toggle("is-waiting", !open);
    this.box.setAttribute("aria-readonly", String(!open));
    this.box.placeholder = (open ? this.box.dataset.placeholder : hindrance ?? this.box.dataset.waiting) ?? "";
    this.#changed();
  }

  get text() {
    return this.box.value.trim();
  }

  /** Put a line back. @param {string} text */
  fill(text) {
    if (!this.box.value) this.box.value = text;
    this.#changed();
  }

  hide() {
    keep(this.draft, null);
    this.form.hidden = true;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    this.writtenAt = performance.now();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    if (!this.#isSendable()) return this.box.focus();
    const text = this.text;
    this.box.value = "";
    this.say(text, this.#pasted);
    this.#pasted = false;
    this.#changed();
    this.box.focus();
  }

  #isSendable() {
    return this.#open && this.text !== "" && characters(this.text) <= MOST_CHARACTERS;
  }

  #changed() {
    const written = characters(this.text);
    if (!written) this.#pasted = false;
    keep(this.draft, this.box.value || null);
    this.button.setAttribute("aria-disabled", String(!this.#isSendable()));
    this.count.hidden = written < COUNT_FROM;
    this.count.textContent = written > MOST_CHARACTERS
      ? `${counted(written - MOST_CHARACTERS)} too many`
      : `${counted(MOST_CHARACTERS - written)} left`;
    if (written > MOST_CHARACTERS) this.box.setAttribute("aria-invalid", "true");
    else this.box.removeAttribute("aria-invalid");
    this.count.classList.toggle("is-over", written > MOST_CHARACTERS);
    this.box.style.height = "auto";
    if (this.box.scrollHeight) this.box.style.height = `${this.box.scrollHeight + 2}px`;
  }
}

/** @param {number} number @returns {string} */
function counted(number) {
  return number === 1 ? "1 character" : `${number.toLocaleString("en")} characters`;
}

/** Unicode code points, as the server counts. @param {string} text @returns {number} */
export function characters(text) {
  return [...text].length;
}
