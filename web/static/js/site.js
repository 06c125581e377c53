// @ts-check
/** What every page needs: forms go out once, refusals are seen, codes can be copied, drafts of taken surveys are forgotten. */

import { forgetOthers } from "./drafts.js";

for (const form of document.querySelectorAll("form[data-once]")) form.addEventListener("submit", once);
// Coming back by the browser's history shows the page as it was left: its buttons must work again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) delete (/** @type {HTMLElement} */ (form).dataset.sent);
});
for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => void copy(/** @type {HTMLElement} */ (button)));
document.querySelector("[data-refusal]")?.scrollIntoView({ block: "center" });
const refusal = document.querySelector("[data-refusal]");
if (refusal instanceof HTMLElement) refusal.focus();
const survey = document.querySelector("[data-survey]");
forgetOthers("survey", survey instanceof HTMLElement ? (survey.dataset.draft ?? null) : null);

/** @param {Event} event */
function once(event) {
  const form = /** @type {HTMLElement} */ (event.currentTarget);
  if (event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "true";
}

/** @param {HTMLElement} button */
async function copy(button) {
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
    button.textContent = "Copied";
  } catch {
    // Without leave to the clipboard (plain HTTP), the code is marked, so that one key copies it.
    getSelection()?.selectAllChildren(source);
    button.textContent = "Marked: copy it now";
  }
}
