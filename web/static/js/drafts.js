// @ts-check
/** What was typed and not yet taken, kept in this tab until it is; without storage nothing is kept and nothing fails. */

const PREFIX = "lendanear:";

/** @param {string} key @returns {unknown} what was kept, or null */
export function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + key) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} key @param {unknown} value null forgets it */
export function keep(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(PREFIX + key);
    else sessionStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Storage is switched off or full: the page works without it.
  }
}

/** Forget every draft of `kind` but the one named: what is no longer on the page has been taken.
 * @param {string} kind @param {string | null} except */
export function forgetOthers(kind, except) {
  try {
    const kept = PREFIX + kind + ":";
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(kept) && key !== kept + except) sessionStorage.removeItem(key);
    }
  } catch {
    // As above.
  }
}
