// @ts-check
/** Lesson videos: what is played is told to the server, and the way on opens when all have been watched. */

import { keep, recall } from "./drafts.js";
import { Events } from "./events.js";
import { part } from "./log.js";

const PROGRESS_EVERY_S = 5;
const PREVIEW_S = 4;
const AWAY = "The video cannot be loaded just now. Please reload the page; if that does not help, tell the people who run this.";

const root = part(document, "[data-videos]");
const { events: address, step = "", csrf = "", draft = step } = root.dataset;
const events = new Events({ address, step, csrf });
const button = /** @type {HTMLButtonElement} */ (part(root, "[data-continue]"));
const why = part(root, "[data-why]");
const refused = root.dataset.refused === "true";
// After a refusal the server has not seen them all: what this page believed counts no longer.
const watched = new Set(/** @type {string[]} */ (refused ? [] : (recall(`watched:${draft}`) ?? [])));

for (const section of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-video]"))) follow(section);
part(root, "[data-closing]").addEventListener("submit", (event) => void goOn(event), { capture: true });
refresh();

/** @param {HTMLElement} section */
function follow(section) {
  const id = section.dataset.video ?? "";
  const video = /** @type {HTMLVideoElement} */ (part(section, "video"));
  let viewing = false;
  let toldAt = 0;
  preview(video);
  const at = () => ({ video: id, position_s: Math.round(video.currentTime * 10) / 10 });
  video.addEventListener("play", () => {
    pauseOthers(video);
    // One viewing has one beginning: going on after a pause is progress, or the length would be counted anew.
    void events.tell(viewing ? "video_progress" : "video_play", at());
    viewing = true;
    toldAt = video.currentTime;
    say(section, watched.has(id) ? "Watched; playing again" : "Playing");
  });
  video.addEventListener("pause", () => { if (!video.ended) say(section, watched.has(id) ? "Watched" : "Paused"); });
  video.addEventListener("timeupdate", () => {
    if (Math.abs(video.currentTime - toldAt) < PROGRESS_EVERY_S || video.ended) return;
    toldAt = video.currentTime;
    void events.tell("video_progress", at());
  });
  video.addEventListener("ended", async () => {
    viewing = false;
    if (!(await events.tell("video_ended", at())) && address) {
      return say(section, "The connection was lost while you watched, so this could not be recorded. Please play the video once more.");
    }
    watched.add(id);
    say(section, "Watched");
    keep(`watched:${draft}`, [...watched]);
    refresh();
  });
  video.addEventListener("error", () => say(section, AWAY), true);
  // What could not be loaded may have failed before this module ran.
  say(section, video.error ? AWAY : watched.has(id) ? "Watched" : "Not watched yet");
}

/**
 * Before it is played a video shows a moment of itself in place of an empty first frame; it begins at its beginning.
 * @param {HTMLVideoElement} video
 */
function preview(video) {
  let moment = 0;
  const show = () => {
    if (!video.paused || video.currentTime) return;
    moment = Math.min(PREVIEW_S, video.duration / 2);
    video.currentTime = moment;
  };
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) show();
  else video.addEventListener("loadedmetadata", show, { once: true });
  video.addEventListener("play", () => { if (moment && Math.abs(video.currentTime - moment) < 0.5) video.currentTime = 0; }, { once: true });
}

/** @param {HTMLElement} section @param {string} text */
function say(section, text) {
  part(section, "[data-state]").textContent = text;
  section.classList.toggle("is-watched", text.startsWith("Watched"));
}

/** @param {HTMLVideoElement} playing */
function pauseOthers(playing) {
  for (const video of root.querySelectorAll("video")) if (video !== playing) video.pause();
}

function refresh() {
  const all = [...root.querySelectorAll("[data-video]")].every((section) => watched.has(/** @type {HTMLElement} */ (section).dataset.video ?? ""));
  button.setAttribute("aria-disabled", String(!all));
  why.hidden = all;
}

/** @param {Event} event */
async function goOn(event) {
  if (button.getAttribute("aria-disabled") !== "true") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  why.classList.add("is-urgent");
  const next = [...root.querySelectorAll("[data-video]")].find((section) => !watched.has(/** @type {HTMLElement} */ (section).dataset.video ?? ""));
  next?.querySelector("video")?.focus();
}
