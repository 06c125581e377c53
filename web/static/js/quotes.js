// @ts-check
/** Finds what the feedback quotes from the conversation, and marks it in both. */

const QUOTED = /“([^”]{3,}?)”|"([^"]{3,}?)"|«([^»]{3,}?)»|(?<![\p{L}\p{N}])[‘']([^‘’']{3,}(?:[’'](?=\p{L})[^‘’']*)*)[’'](?!\p{L})/gu;
const FEWEST_LETTERS = 3;

/** The same text with one character for each, so that positions hold, but without what quoting may change.
 * @param {string} text @returns {string} */
function plain(text) {
  return text.replace(/[‘’ʼ`´]/g, "'").replace(/[“”«»]/g, '"').replace(/\s/g, " ").replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** @param {string} text @returns {{start: number, end: number, text: string}[]} the quoted passages, without their marks */
export function quotedPassages(text) {
  return [...text.matchAll(QUOTED)].map((match) => {
    const words = match.slice(1).find((group) => group !== undefined) ?? "";
    const start = match.index + match[0].indexOf(words);
    return { start, end: start + words.length, text: words };
  });
}

/** Where a quoted passage stands in a line; quotes may drop the end mark or end in an ellipsis. Null when it does not.
 * @param {string} passage @param {string} line @returns {{start: number, end: number} | null} */
export function locate(passage, line) {
  const sought = plain(passage).trim().replace(/(…|\.\.\.)$/, "").replace(/[.,;:!?]+$/, "").replace(/^(…|\.\.\.)/, "").trim();
  if (sought.replace(/[^\p{L}\p{N}]/gu, "").length < FEWEST_LETTERS) return null;
  const start = plain(line).indexOf(sought);
  return start < 0 ? null : { start, end: start + sought.length };
}

/** Mark each quoted passage of `feedback` in the first line that has it, and link to it from where it is quoted.
 * @param {HTMLElement} feedback @param {HTMLElement[]} lines @returns {number} how many were found */
export function markQuotes(feedback, lines) {
  const text = feedback.textContent ?? "";
  const found = [];
  for (const passage of quotedPassages(text)) {
    const line = lines.find((candidate) => locate(passage.text, candidate.textContent ?? ""));
    if (line) found.push({ passage, line });
  }
  const links = found.map(({ passage, line }, index) => {
    const id = `quote-${index + 1}`;
    const spot = locate(passage.text, line.textContent ?? "");
    if (spot) wrap(line, spot.start, spot.end, mark(id));
    const link = document.createElement("a");
    link.href = `#${id}`;
    link.className = "quote";
    return { start: passage.start, end: passage.end, link };
  });
  for (const { start, end, link } of links.reverse()) wrap(feedback, start, end, link);
  return found.length;
}

/** @param {string} id @returns {HTMLElement} */
function mark(id) {
  const marked = document.createElement("mark");
  marked.id = id;
  marked.tabIndex = -1;
  return marked;
}

/** Put the characters from `start` to `end` of an element's text into `wrapper`; left alone when they span elements.
 * @param {HTMLElement} element @param {number} start @param {number} end @param {HTMLElement} wrapper */
function wrap(element, start, end, wrapper) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let passed = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (start >= passed && end <= passed + length) {
      const range = document.createRange();
      range.setStart(node, start - passed);
      range.setEnd(node, end - passed);
      return range.surroundContents(wrapper);
    }
    passed += length;
  }
}
