// @ts-check
/** The connection to one dialogue: joins, keeps what was said, sends a line until it is taken, comes back after losses. */

import { keep, recall } from "./drafts.js";

/** @typedef {{seq: number, role: string, text: string, sent_at: string}} Message */
/** @typedef {{client_id: string, text: string, pasted: boolean}} Line */

export const CLOSED_AS = Object.freeze({
  malformed: 4400, stranger: 4401, unknown: 4404, takenOver: 4409, damaged: 4410, tooLarge: 4413, tooFast: 4429, tooLargeToRead: 1009, restarting: 1012,
});
export const TIMES_MS = Object.freeze({
  ping: 20_000, silence: 10_000, ack: 10_000, retry: 3_000, typing: 2_500, firstWait: 400, longestWait: 15_000, afterTooFast: 3_000,
});

/** Tells, as events with `detail`: `messages`, `unsent`, `typing`, `delta`, `clock`, `notice`, `refused`, `connection`, `closed`. */
export class Dialogue extends EventTarget {
  /** What is stored, by seq. @type {Map<number, Message>} */
  messages = new Map();
  /** The line under way. @type {Line | null} */
  unsent = null;
  /** Whether the line under way already stands among the messages. */
  unsentIsStored = false;
  joined = false;
  closed = false;
  elsewhere = false;
  /** @type {WebSocket | null} */
  #socket = null;
  #losses = 0;
  #typedAt = -Infinity;
  #after = 0;
  /** @type {Record<string, ReturnType<typeof setTimeout>>} */
  #timers = {};

  /** @param {{id: string, address: string, answerer: string}} place */
  constructor({ id, address, answerer }) {
    super();
    this.id = id;
    this.address = address;
    this.answerer = answerer;
    this.unsent = /** @type {Line | null} */ (recall(`line:${id}`));
    document.addEventListener("visibilitychange", () => this.#sight());
    window.addEventListener("online", () => this.#hurry());
  }

  /** Whether the supporter may say something now: the other one has spoken last, and nothing is under way. */
  get isMyTurn() {
    return !this.closed && !this.elsewhere && !this.unsent && this.last?.role === this.answerer;
  }

  get last() {
    return this.messages.get(this.#highest());
  }

  join() {
    this.#drop();
    this.elsewhere = false;
    this.#tell("connection", { state: "connecting", losses: this.#losses });
    const socket = new WebSocket(this.address);
    this.#socket = socket;
    this.#after = this.#highest();
    this.#await("silence", TIMES_MS.silence);
    socket.onopen = () => this.#send({ type: "join", dialogue: this.id, after_seq: this.#after });
    socket.onmessage = (event) => this.#take(JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(event.code);
  }

  /** Say a line: it is kept and sent again until the server has taken it. @param {string} text @param {boolean} pasted */
  say(text, pasted) {
    this.unsent = { client_id: identity(), text: text.trim(), pasted };
    this.unsentIsStored = false;
    keep(`line:${this.id}`, this.unsent);
    this.#typedAt = -Infinity;
    this.#tell("unsent");
    this.#deliver();
  }

  /** The supporter is writing; told at once and then only now and again. */
  typing() {
    if (!this.joined || performance.now() - this.#typedAt < TIMES_MS.typing) return;
    this.#typedAt = performance.now();
    this.#send({ type: "typing" });
  }

  #highest() {
    return Math.max(0, ...this.messages.keys());
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #deliver() {
    if (!this.unsent || !this.joined) return;
    const { client_id, text, pasted } = this.unsent;
    this.#send({ type: "say", client_id, text, pasted });
    this.#await("ack", TIMES_MS.ack);
  }

  /** @param {any} frame */
  #take(frame) {
    clearTimeout(this.#timers.silence);
    switch (frame.type) {
      case "state": return this.#state(frame);
      case "ack": return this.#acknowledged(frame);
      case "message": return this.#said(frame);
      case "typing": return this.#tell("typing", { role: frame.role });
      case "delta": return this.#tell("delta", { role: frame.role, text: frame.text });
      case "clock": return this.#tell("clock", frame);
      case "notice": return this.#tell("notice", frame);
      case "closed": return this.#over(frame.reason);
      case "error": return this.#refused(frame);
    }
  }

  /** @param {{status: string, messages: Message[], clock: any}} frame */
  #state(frame) {
    this.joined = true;
    this.#losses = 0;
    const fresh = frame.messages.filter((message) => !this.messages.has(message.seq));
    for (const message of frame.messages) this.messages.set(message.seq, message);
    this.unsentIsStored ||= fresh.some(({ role, text }) => role === "supporter" && text === this.unsent?.text);
    this.#tell("connection", { state: "joined", losses: 0 });
    this.#tell("messages", { fresh, all: true });
    this.#tell("clock", frame.clock);
    if (frame.status === "closed") return;
    this.#sight();
    this.#deliver();
    this.#later("ping", TIMES_MS.ping, () => this.#ping());
  }

  /** @param {{client_id: string, seq: number}} frame */
  #acknowledged({ client_id, seq }) {
    if (client_id !== this.unsent?.client_id) return;
    const message = { seq, role: "supporter", text: this.unsent.text, sent_at: new Date().toISOString() };
    const isNew = !this.messages.has(seq);
    if (isNew) this.messages.set(seq, message);
    this.#forgetLine();
    this.#tell("messages", { fresh: isNew ? [message] : [], all: false });
  }

  #forgetLine() {
    clearTimeout(this.#timers.ack);
    clearTimeout(this.#timers.retry);
    this.unsent = null;
    this.unsentIsStored = false;
    keep(`line:${this.id}`, null);
  }

  /** @param {Message} message */
  #said(message) {
    if (this.messages.has(message.seq)) return;
    const { seq, role, text, sent_at } = message;
    this.messages.set(seq, { seq, role, text, sent_at });
    this.#typedAt = -Infinity;
    this.#tell("messages", { fresh: [message], all: false });
    if (this.unsent && role === this.answerer) this.#deliver();
  }

  /** @param {{client_id?: string, code: string, message: string, retryable: boolean}} frame */
  #refused(frame) {
    if (!this.unsent || frame.client_id !== this.unsent.client_id) return;
    clearTimeout(this.#timers.ack);
    if (frame.retryable) return this.#later("retry", TIMES_MS.retry, () => this.#deliver());
    this.#giveBack(frame.code, frame.message);
  }

  /** The line cannot be taken: it goes back to who wrote it. @param {string} code @param {string} message */
  #giveBack(code, message) {
    const text = this.unsent?.text ?? "";
    this.#forgetLine();
    this.#tell("refused", { code, message, text });
  }

  /** @param {string} reason */
  #over(reason) {
    this.closed = true;
    const lost = this.unsent && !this.unsentIsStored ? this.unsent.text : "";
    this.#forgetLine();
    this.#drop();
    this.#tell("closed", { reason, lost });
  }

  /** @param {number} code */
  #lost(code) {
    if (this.closed) return;
    this.#drop();
    if (code === CLOSED_AS.takenOver) {
      this.elsewhere = true;
      return this.#tell("connection", { state: "elsewhere", losses: 0 });
    }
    if (code === CLOSED_AS.stranger) return this.#tell("connection", { state: "stranger", losses: 0 });
    if (code === CLOSED_AS.damaged) return this.#tell("connection", { state: "damaged", losses: 0 });
    if (code === CLOSED_AS.unknown) return this.#tell("connection", { state: "unknown", losses: 0 });
    const unreadable = code === CLOSED_AS.malformed || code === CLOSED_AS.tooLarge || code === CLOSED_AS.tooLargeToRead;
    if (unreadable && this.unsent) this.#giveBack("unreadable", "This message could not be read. Please change it a little and send it again.");
    this.#losses += 1;
    this.#tell("connection", { state: "lost", losses: this.#losses });
    this.#later("again", this.#wait(code), () => this.join());
  }

  /** Longer after each loss, and never for all at the same moment. @param {number} code @returns {number} milliseconds */
  #wait(code) {
    const doubled = TIMES_MS.firstWait * 2 ** Math.min(this.#losses - 1, 10);
    const least = code === CLOSED_AS.tooFast ? TIMES_MS.afterTooFast : 0;
    return least + Math.min(TIMES_MS.longestWait, doubled) * (0.5 + Math.random() / 2);
  }

  #drop() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.joined = false;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    // A dead network would keep a closing socket waiting for a minute: it is heard no more.
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {string} name @param {number} ms @param {() => void} act */
  #later(name, ms, act) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(act, ms);
  }

  /** What does not come in time means that the connection is dead. @param {string} name @param {number} ms */
  #await(name, ms) {
    this.#later(name, ms, () => this.#lost(1006));
  }

  #ping() {
    this.#send({ type: "ping" });
    this.#await("silence", TIMES_MS.silence);
    this.#later("ping", TIMES_MS.ping, () => this.#ping());
  }

  /** A page that is seen again, or online again, does not wait for its turn to come back. */
  #hurry() {
    if (this.joined || this.closed || this.elsewhere || !this.#losses || this.#socket) return;
    this.join();
  }

  #sight() {
    if (this.joined) this.#send({ type: "visibility", visible: !document.hidden });
    else if (!document.hidden) this.#hurry();
  }

  /** @param {string} name @param {unknown} [detail] */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @returns {string} an identity for one line; `randomUUID` exists on secure pages only, and a lab host may be plain */
function identity() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
