// @ts-check
/** A live dialogue on the page: the connection, the messages and the box, wired together. */

import { Composer } from "./composer.js";
import { Dialogue } from "./dialogue.js";
import { keep, recall } from "./drafts.js";
import { Events } from "./events.js";
import { Log, part } from "./log.js";

const LOST = "The connection is lost. Trying to get it back: what you have written stays here, and what you have sent is not lost.";
const NO_CONNECTION = "Waiting for the connection";
const ELSEWHERE = "Goes on in another tab or window";
const PATIENCE_MS = 1200;
const STRANGER_AGAIN_MS = 30_000;

export class Talk {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #banner;
  #bannerStays = false;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    const { dialogue = "", answerer = "", socket = "/ws", home = "/", events, step = "", csrf = "" } = root.dataset;
    this.home = home;
    this.events = new Events({ address: events, step, csrf });
    this.log = new Log(root);
    this.dialogue = new Dialogue({ id: dialogue, answerer, address: socketAddress(socket) });
    this.composer = new Composer(root, {
      id: dialogue,
      say: (text, pasted) => this.dialogue.say(text, pasted),
      typing: () => this.dialogue.typing(),
      pasted: (count) => void this.events.tell("paste", { characters: count }),
    });
    this.#listen();
  }

  start() {
    this.dialogue.join();
    this.refresh();
  }

  /** @param {string} name @param {(detail: any) => void} act */
  on(name, act) {
    this.dialogue.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
  }

  #listen() {
    this.on("messages", ({ fresh, all }) => this.#messages(fresh, all));
    this.on("unsent", () => this.refresh());
    this.on("typing", ({ role }) => role === this.dialogue.answerer && this.log.startPreview());
    this.on("delta", ({ role, text }) => role === this.dialogue.answerer && this.log.fillPreview(text));
    this.on("refused", ({ message, text }) => this.#refused(message, text));
    this.on("connection", ({ state }) => this.#connection(state));
    this.on("closed", () => this.#closed());
  }

  /** Which messages belong in the log; the coach's page keeps the first one elsewhere. @type {(messages: import("./dialogue.js").Message[]) => import("./dialogue.js").Message[]} */
  choose = (messages) => messages;

  /** @param {import("./dialogue.js").Message[]} fresh @param {boolean} all */
  #messages(fresh, all) {
    const first = all && this.dialogue.messages.size === fresh.length;
    if (this.dialogue.unsentIsStored) this.log.pending(null, "");
    this.log.add(this.choose(fresh), first);
    if (fresh.some(({ role }) => role === "supporter" || !this.#bannerStays)) this.hideBanner();
    this.refresh();
  }

  /** Bring the line under way and the box up to date. */
  refresh() {
    const { unsent, unsentIsStored, joined, isMyTurn } = this.dialogue;
    if (unsent && !unsentIsStored) this.log.pending(unsent.text, joined ? "sending…" : "will be sent when the connection is back");
    else this.log.pending(null, "");
    this.composer.open(isMyTurn, this.#hindrance());
  }

  /** What keeps a line from being written where it is not the other one's turn. @returns {string | undefined} */
  #hindrance() {
    const { joined, closed, elsewhere } = this.dialogue;
    if (elsewhere) return ELSEWHERE;
    return joined || closed ? undefined : NO_CONNECTION;
  }

  /** @param {string} message @param {string} text */
  #refused(message, text) {
    this.composer.fill(text);
    this.refresh();
    this.banner(message);
  }

  /** @param {string} state */
  #connection(state) {
    clearTimeout(this.#banner);
    if (state === "joined") this.hideBanner();
    else if (state !== "connecting") this.log.endPreview();
    if (state === "lost") this.#banner = setTimeout(() => this.banner(LOST), PATIENCE_MS);
    if (state === "elsewhere") this.banner("This conversation has been opened in another tab or window, and goes on there.", { label: "Continue here", act: () => this.dialogue.join() });
    if (state === "unknown") this.banner("This conversation cannot be found any more.", { label: "Go to where you are", act: () => location.assign(this.home) });
    if (state === "damaged") this.banner("The record of this conversation is damaged on our side, so it cannot go on. Please tell whoever invited you.");
    if (state === "stranger") this.#stranger();
    this.refresh();
  }

  /** Whoever is not known goes to the start; but not again and again, if that does not help. */
  #stranger() {
    const before = Number(recall("stranger") ?? 0);
    keep("stranger", Date.now());
    if (Date.now() - before > STRANGER_AGAIN_MS) return location.assign(this.home);
    this.banner("This browser is not recognised. Please open the link of the study again.", { label: "Open it", act: () => location.assign(this.home) });
  }

  #closed() {
    clearTimeout(this.#banner);
    this.hideBanner();
    this.log.endPreview();
    this.refresh();
  }

  /** Tell something above the box; `stays`: until the supporter's own next message, not only until the next one.
   * @param {string} text @param {{label: string, act: () => void}} [way] @param {boolean} [stays] */
  banner(text, way, stays = false) {
    this.#bannerStays = stays;
    const banner = part(this.root, "[data-banner]");
    const button = /** @type {HTMLButtonElement} */ (part(banner, "[data-banner-button]"));
    banner.hidden = false;
    part(banner, "[data-banner-text]").textContent = text;
    button.hidden = !way;
    button.textContent = way?.label ?? "";
    button.onclick = () => way?.act();
  }

  hideBanner() {
    part(this.root, "[data-banner]").hidden = true;
  }
}

/** @param {string} path @returns {string} on this host, encrypted when the page is */
function socketAddress(path) {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
