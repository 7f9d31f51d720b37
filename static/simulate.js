/* Without this file the line is typed and sent. With it: a slider beside the exact field, figures that follow the hand,
   and the chosen line moving on the drawing before the answer is there. */
"use strict";

const form = document.querySelector("form[data-simulate]");
const UNIT = 10 ** 7;
const STEP = 10 ** 5;
const PAUSE = 120;

function read(text) {
  const found = /^(-?)(\d{1,6})(?:[.,](\d{1,7}))?$/.exec(western(text));
  return found ? Number(found[1] + found[2] + (found[3] || "").padEnd(7, "0")) : null;
}

function western(text) {
  return text.replace(/[٠-٩]/g, (digit) => "٠١٢٣٤٥٦٧٨٩".indexOf(digit)).replace("٫", ",").trim();
}

function written(points) {
  const whole = Math.floor(Math.abs(points) / UNIT);
  const decimals = String(Math.abs(points) % UNIT).padStart(7, "0");
  return `${points < 0 ? "-" : ""}${whole},${decimals}`;
}

/** The same place as the server gives it (rsu.charts): from the left, mirrored in Arabic. */
function drawAt(points) {
  const { low, high, width, color } = form.dataset;
  const share = (Math.min(Math.max(points, low), high) - low) / (high - low);
  const across = width * (document.dir === "rtl" ? 1 - share : share);
  for (const rule of document.querySelectorAll(`#picture line[stroke="${color}"]`)) {
    rule.setAttribute("transform", `translate(${across},0)`);
  }
}

let waiting;
function ask() {
  clearTimeout(waiting);
  waiting = setTimeout(() => htmx.trigger(form, "asked"), PAUSE);
}

// The buttons bear the field's name too: without a script each sends its own line.
const field = () => form.querySelector("input[name=line]");

function choose(points, from) {
  const line = field();
  const slider = form.querySelector("input[type=range]");
  if (from !== line) line.value = written(points);
  if (from !== slider) slider.value = points / UNIT;
  slider.setAttribute("aria-valuetext", written(points));
  for (const button of form.querySelectorAll("[data-by]")) button.value = written(points + Number(button.dataset.by));
  drawAt(points);
  ask();
}

if (form) {
  const line = field();
  const slider = form.querySelector("input[type=range]");
  form.querySelector("[data-slider]").hidden = false;
  slider.addEventListener("input", () => choose(Math.round(slider.value * 100) * STEP, slider));
  line.addEventListener("input", () => {
    const points = read(line.value);
    if (points !== null) choose(points, line);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-by]");
    const points = button && read(line.value);
    if (points === null) return;
    event.preventDefault();
    choose(points + Number(button.dataset.by));
  });
  form.addEventListener("submit", (event) => {
    const points = read(line.value);
    if (points === null || event.submitter?.matches("[data-by]")) return;
    event.preventDefault();
    choose(points, line);
  });
  // The language switch gives back what was typed, under figures of another line.
  window.addEventListener("pageshow", () => {
    const points = read(line.value);
    if (points !== null && String(points) !== form.dataset.line) choose(points, line);
  });
}
