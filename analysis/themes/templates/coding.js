// The coding page: one theme at a time, kept in this browser, taken out as a CSV file. It sends nothing anywhere.
"use strict";

const material = JSON.parse(document.getElementById("material").textContent);
const LEVELS = ["family", "strategy", "sub_strategy"];
const COLUMNS = ["run", "trouble_type", "theme", ...LEVELS, "annotator", "comment"];
const at = (id) => document.getElementById(id);
let order = [];
let codes = new Map();
let shown = 0;

const idOf = (theme) => `${theme.trouble_type}/${theme.key}`;
const codeOf = (theme) => codes.get(idOf(theme)) ?? {};
const isCoded = (theme) => Boolean(codeOf(theme).sub_strategy);
const annotator = () => at("annotator").value.trim();
const storageKey = () => `lendanear-coding/${material.run}/${annotator()}`;

// Everybody gets an order of their own, the same one each time, so that what comes late does not come late for all.
function orderFor(name) {
  let state = [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)) | 0, 7);
  const random = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
  const drawn = material.themes.map((theme) => ({ theme, by: random() }));
  const troubles = [...new Set(material.themes.map((theme) => theme.trouble_type))];
  drawn.sort((a, b) => troubles.indexOf(a.theme.trouble_type) - troubles.indexOf(b.theme.trouble_type) || a.by - b.by);
  return drawn.map((one) => one.theme);
}

function keep() {
  try {
    localStorage.setItem(storageKey(), JSON.stringify([...codes]));
  } catch {
    tell("This browser keeps nothing: download your codes before you close the page.");
  }
}

function begin() {
  if (!annotator()) return;
  order = orderFor(annotator());
  codes = new Map();
  try {
    codes = new Map(JSON.parse(localStorage.getItem(storageKey()) ?? "[]"));
  } catch {
    tell("What this browser kept cannot be read; go on with the file you downloaded.");
  }
  document.querySelector("main").hidden = false;
  show(Math.max(0, order.findIndex((theme) => !isCoded(theme))));
}

function show(place) {
  shown = Math.min(Math.max(place, 0), order.length - 1);
  const theme = order[shown];
  at("trouble").textContent = `${theme.trouble_type} troubles · theme ${shown + 1} of ${order.length}`;
  at("name").textContent = theme.name;
  const terms = theme.terms.join(", ");
  at("terms").textContent = terms && terms !== theme.name ? `Words that stand out: ${terms}` : "";
  at("sentences").replaceChildren(...theme.sentences.map((text) => element("li", text)));
  at("comment").value = codeOf(theme).comment ?? "";
  at("previous").disabled = shown === 0;
  at("next").textContent = shown === order.length - 1 ? "Done" : "Next";
  drawPlace();
  drawList();
}

function drawPlace() {
  const theme = order[shown];
  let nodes = material.taxonomy;
  for (const level of LEVELS) {
    const given = codeOf(theme)[level];
    const fitting = nodes.filter((node) => !node.only || node.only === theme.trouble_type);
    at(level).replaceChildren(...fitting.map((node) => choice(level, node, node.key === given)));
    nodes = fitting.find((node) => node.key === given)?.below ?? [];
  }
}

function choice(level, node, isChosen) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: level, value: node.key, checked: isChosen });
  input.addEventListener("change", () => choose(level, node));
  label.append(input, ` ${node.name}`, element("small", node.about ?? ""));
  return label;
}

// A node with a single one below it settles that one as well.
function choose(level, node) {
  const theme = order[shown];
  const code = { comment: codeOf(theme).comment };
  for (const above of LEVELS.slice(0, LEVELS.indexOf(level))) code[above] = codeOf(theme)[above];
  code[level] = node.key;
  for (const below of LEVELS.slice(LEVELS.indexOf(level) + 1)) {
    const fitting = (node.below ?? []).filter((one) => !one.only || one.only === theme.trouble_type);
    if (fitting.length !== 1) break;
    node = fitting[0];
    code[below] = node.key;
  }
  codes.set(idOf(theme), code);
  keep();
  drawPlace();
  drawList();
  document.querySelector(`input[name="${level}"]:checked`).focus();
}

function drawList() {
  at("progress").textContent = `${order.filter(isCoded).length} of ${order.length} coded`;
  at("list").replaceChildren(
    ...order.map((theme, place) => {
      const item = document.createElement("li");
      const button = element("button", theme.name);
      item.className = isCoded(theme) ? "coded" : "";
      button.type = "button";
      button.setAttribute("aria-current", String(place === shown));
      button.addEventListener("click", () => show(place));
      item.append(button);
      return item;
    }),
  );
  at("list").querySelector('[aria-current="true"]').scrollIntoView({ block: "nearest" });
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function tell(text) {
  at("status").textContent = text;
}

function cell(text) {
  const marked = /^[=+\-@\t\r']/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(marked) ? `"${marked.replaceAll('"', '""')}"` : marked;
}

function asCsv() {
  const lines = material.themes.map((theme) => {
    const code = isCoded(theme) ? codeOf(theme) : { comment: codeOf(theme).comment };
    const row = { ...code, run: material.run, trouble_type: theme.trouble_type, theme: theme.key, annotator: annotator() };
    return COLUMNS.map((column) => cell(row[column] ?? "")).join(",");
  });
  return [COLUMNS.join(","), ...lines].join("\n") + "\n";
}

function download() {
  if (!annotator()) {
    tell("Write your name first: the file is named after it.");
    at("annotator").focus();
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([asCsv()], { type: "text/csv" }));
  link.download = `codes_${annotator().replaceAll(/[^\p{L}\p{N}]+/gu, "_")}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
  tell(`${order.filter(isCoded).length} of ${order.length} themes coded; the file is with your downloads.`);
}

function rowsOf(text) {
  const rows = [[""]];
  let isQuoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const letter = text[place];
    const row = rows.at(-1);
    if (letter === '"' && isQuoted && text[place + 1] === '"') row[row.length - 1] += text[(place += 1)];
    else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === "," && !isQuoted) row.push("");
    else if (letter === "\n" && !isQuoted) rows.push([""]);
    else if (letter !== "\r" || isQuoted) row[row.length - 1] += letter;
  }
  return rows.filter((row) => row.length > 1).map((row) => row.map((text) => text.replace(/^'/, "")));
}

async function load(file) {
  const [head, ...lines] = rowsOf((await file.text()).replace(/^\ufeff/, ""));
  const rows = lines.map((line) => Object.fromEntries(line.map((text, place) => [head[place], text])));
  if (!rows.length || rows.some((row) => row.run !== material.run)) {
    tell("This file is not of these themes.");
    return;
  }
  at("annotator").value = rows[0].annotator;
  begin();
  for (const { trouble_type, theme, family, strategy, sub_strategy, comment } of rows) {
    if (family || comment) codes.set(`${trouble_type}/${theme}`, { family, strategy, sub_strategy, comment });
  }
  keep();
  show(Math.max(0, order.findIndex((theme) => !isCoded(theme))));
  tell(`${order.filter(isCoded).length} codes taken from ${file.name}.`);
}

at("annotator").addEventListener("change", begin);
at("save").addEventListener("click", download);
at("load").addEventListener("change", (event) => event.target.files[0] && load(event.target.files[0]));
at("previous").addEventListener("click", () => show(shown - 1));
at("next").addEventListener("click", () => {
  if (shown === order.length - 1) download();
  else show(shown + 1);
  at("name").focus();
});
at("clear").addEventListener("click", () => {
  codes.delete(idOf(order[shown]));
  keep();
  show(shown);
});
at("place").addEventListener("submit", (event) => event.preventDefault());
at("comment").addEventListener("input", () => {
  codes.set(idOf(order[shown]), { ...codeOf(order[shown]), comment: at("comment").value });
  keep();
});
