// @ts-check
/** A survey: what is typed outlives a reload, and what is missing is named before it is sent. */

import { keep, recall } from "./drafts.js";
import { part } from "./log.js";

const form = /** @type {HTMLFormElement} */ (part(document, "[data-survey]"));
const draft = `survey:${form.dataset.draft}`;

form.noValidate = true;
restore();
form.addEventListener("input", () => keep(draft, answers()));
form.addEventListener("change", (event) => settle(event.target));
form.addEventListener("submit", check, { capture: true });

/** @returns {[string, string][]} what is typed; not the token of the form */
function answers() {
  const items = new Set([...form.querySelectorAll("[data-item]")].map((item) => /** @type {HTMLElement} */ (item).dataset.item));
  return /** @type {[string, string][]} */ ([...new FormData(form)].filter(([name]) => items.has(name)));
}

/** Fill in what was typed before, where the server has not already done so. */
function restore() {
  const typed = recall(draft);
  if (!Array.isArray(typed) || answers().some(([, value]) => value !== "")) return;
  for (const [name, value] of typed) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox")) field.checked ||= field.value === value;
      else if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement) field.value = value;
    }
  }
}

/** @param {HTMLElement} item @returns {boolean} whether a required answer is missing */
function isMissing(item) {
  const fields = [...item.querySelectorAll("input, select, textarea")];
  return fields.some((field) => {
    const { validity } = /** @type {HTMLInputElement} */ (field);
    return validity.valueMissing || (field.hasAttribute("required") && !/** @type {HTMLInputElement} */ (field).value.trim());
  });
}

/** @param {SubmitEvent} event */
function check(event) {
  const items = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-item]")]);
  const missing = items.filter((item) => isMissing(item));
  document.querySelector("[data-refusal]")?.remove();
  for (const item of items) complain(item, missing.includes(item));
  if (!missing.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  summarise(missing);
}

/** @param {HTMLElement} item @param {boolean} wrong */
function complain(item, wrong) {
  const id = `${item.dataset.item}-error`;
  item.classList.toggle("item--wrong", wrong);
  document.getElementById(id)?.remove();
  const target = item.matches("fieldset") ? item : item.querySelector("input, select, textarea");
  const described = new Set((target?.getAttribute("aria-describedby") ?? "").split(" ").filter((word) => word && word !== id));
  if (wrong) {
    const note = document.createElement("p");
    note.id = id;
    note.className = "item__error";
    note.textContent = item.querySelector("[type=checkbox]") ? "Please tick this box to go on." : "Please answer this question.";
    (item.querySelector("legend, .item__label, .choice--tick") ?? item).after(note);
    described.add(id);
  }
  if (described.size) target?.setAttribute("aria-describedby", [...described].join(" "));
  else target?.removeAttribute("aria-describedby");
}

/** An answer that is there now is no longer complained of. @param {EventTarget | null} field */
function settle(field) {
  const item = field instanceof HTMLElement ? field.closest("[data-item]") : null;
  if (item instanceof HTMLElement && item.classList.contains("item--wrong") && !isMissing(item)) complain(item, false);
}

/** @param {HTMLElement[]} missing */
function summarise(missing) {
  const box = document.createElement("div");
  box.className = "refusal";
  box.tabIndex = -1;
  box.dataset.refusal = "";
  box.setAttribute("role", "alert");
  const title = document.createElement("p");
  title.className = "refusal__title";
  title.textContent = missing.length === 1 ? "One answer is still missing" : `${missing.length} answers are still missing`;
  const list = document.createElement("ul");
  for (const item of missing) list.append(linkTo(item));
  box.append(title, list);
  form.before(box);
  box.focus();
}

/** @param {HTMLElement} item @returns {HTMLElement} */
function linkTo(item) {
  const entry = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#${item.id}`;
  link.textContent = (item.querySelector("legend, .item__label, .choice span")?.textContent ?? "").trim();
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const field = item.querySelector("input, select, textarea");
    item.scrollIntoView({ block: "center" });
    if (field instanceof HTMLElement) field.focus({ preventScroll: true });
  });
  entry.append(link);
  return entry;
}
