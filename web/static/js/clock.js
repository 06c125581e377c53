// @ts-check
/** The countdown as the server tells it: counts between its frames, stands still while it is paused, and says so. */

/** @typedef {{remaining_ms: number, running: boolean, paused_by: string[]}} ClockFrame */

/** Seconds left at which the time is spoken. */
export const SPOKEN_S = [120, 60, 30, 10];

/** @type {Record<string, string>} */
const REASONS = {
  disconnected: "paused: the connection is away",
  hidden: "paused: this page was out of sight",
  support: "paused: take all the time you need",
  idle: "paused: goes on with your next message",
  seeker_unavailable: "paused: your partner is delayed",
  replying: "paused while your partner writes",
};

/** @param {string[]} causes @returns {string} the foremost cause in words */
export function reasonInWords(causes) {
  const known = Object.keys(REASONS).find((cause) => causes.includes(cause));
  return known ? REASONS[known] : "paused";
}

/** @param {number} ms @returns {string} minutes and seconds, `3:22` */
export function inMinutes(ms) {
  const seconds = Math.ceil(Math.max(0, ms) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** @param {number} seconds @returns {string} as it is spoken */
export function inWords(seconds) {
  if (seconds % 60 === 0) return seconds === 60 ? "1 minute left" : `${seconds / 60} minutes left`;
  return `${seconds} seconds left`;
}

export class Countdown {
  /** @type {ClockFrame | null} */
  #frame = null;
  #since = 0;
  #away = false;
  #started = false;
  #told = Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{show: (view: {time: string, ms: number, reason: string, running: boolean}) => void,
   *   speak: (words: string) => void, now?: () => number}} parts */
  constructor({ show, speak, now = () => performance.now() }) {
    this.show = show;
    this.speak = speak;
    this.now = now;
  }

  /** Take the server's word. @param {ClockFrame | null} frame */
  set(frame) {
    this.#frame = frame;
    this.#since = this.now();
    this.#away = false;
    this.#started ||= frame !== null && (frame.running || frame.paused_by.some((cause) => cause === "idle" || cause === "support"));
    this.#tick();
  }

  /** A line was taken: from here on a clock that stands is paused, not waiting for the first message. */
  begin() {
    this.#started = true;
  }

  /** The connection is lost: stand still until the server speaks again. */
  freeze() {
    if (this.#frame) this.#frame = { ...this.#frame, remaining_ms: this.remaining() };
    this.#since = this.now();
    this.#away = true;
    this.#tick();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#frame = null;
  }

  get running() {
    return Boolean(this.#frame?.running) && !this.#away;
  }

  /** @returns {number} milliseconds left */
  remaining() {
    if (!this.#frame) return 0;
    return Math.max(0, this.#frame.remaining_ms - (this.running ? this.now() - this.#since : 0));
  }

  #tick() {
    clearTimeout(this.#timer);
    if (!this.#frame) return;
    const ms = this.remaining();
    this.show({ time: inMinutes(ms), ms, reason: this.#reason(), running: this.running });
    this.#tell(ms / 1000);
    if (this.running && ms > 0) this.#timer = setTimeout(() => this.#tick(), ms % 1000 || 1000);
  }

  #reason() {
    if (!this.#frame || this.running) return "";
    if (this.#away) return this.#started ? REASONS.disconnected : "";
    if (!this.#started && !this.#frame.paused_by.length) return "starts with your first message";
    if (this.#frame.paused_by.length) return this.#started ? reasonInWords(this.#frame.paused_by) : "starts with your first message";
    return "";
  }

  /** Speak the threshold just passed; none on the first look, for nothing was passed then. @param {number} left */
  #tell(left) {
    const passed = SPOKEN_S.filter((threshold) => this.#told > threshold && left <= threshold);
    if (passed.length && this.#told !== Infinity) this.speak(inWords(Math.min(...passed)));
    this.#told = Math.min(this.#told, left);
  }
}
