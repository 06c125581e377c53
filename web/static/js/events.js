// @ts-check
/** What people do on a page, told to the server one by one in order; a telling that fails is tried again. */

const WAITS_MS = [500, 1000, 2000, 4000, 8000];

export class Events {
  /** @type {Promise<unknown>} */
  #line = Promise.resolve();

  /** @param {{address: string | undefined, step: string, csrf: string}} place without an address nothing is told */
  constructor({ address, step, csrf }) {
    this.address = address;
    this.step = step;
    this.csrf = csrf;
  }

  /** @param {string} kind @param {Record<string, unknown>} payload @returns {Promise<boolean>} whether it arrived */
  tell(kind, payload) {
    const event = { kind, at_ms: Date.now(), step: this.step, payload };
    const telling = this.#line.then(() => this.#post(event));
    this.#line = telling;
    return telling;
  }

  /** @returns {Promise<unknown>} fulfilled when all that was told has arrived or been given up */
  settled() {
    return this.#line;
  }

  /** @param {object} event @returns {Promise<boolean>} */
  async #post(event) {
    if (!this.address) return false;
    for (const wait of [0, ...WAITS_MS]) {
      if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        const answer = await fetch(this.address, {
          method: "POST", keepalive: true, credentials: "same-origin", body: JSON.stringify({ events: [event] }),
          headers: { "content-type": "application/json", "x-csrftoken": this.csrf },
        });
        if (answer.ok) return true;
        if (answer.status < 500 && answer.status !== 429) return false;
      } catch {
        // The network is away: the next try may find it again.
      }
    }
    return false;
  }
}
