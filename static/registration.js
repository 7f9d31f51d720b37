/* Without this file every question is shown with whom it concerns in brackets, and the server leaves out the rest.
   With it: only what concerns the person is shown, without brackets, the group follows the occupation, the draft is kept while typing. */
"use strict";

const form = document.querySelector("form[data-registration]");
const western = (text) => text.replace(/[٠-٩]/g, (digit) => "٠١٢٣٤٥٦٧٨٩".indexOf(digit)).replace(/[۰-۹]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹".indexOf(digit)).trim();

function answer(name) {
  const control = form.elements[name];
  if (!control) return "";
  return control.type === "checkbox" ? String(control.checked) : control.value;
}

function age() {
  const [year, month, day] = ["birth_year", "birth_month", "birth_day"].map((name) => Number(western(answer(name))));
  if (!(year > 1800)) return null;
  const [onYear, onMonth, onDay] = form.dataset.on.split("-").map(Number);
  const before = onMonth * 100 + onDay < (month || 1) * 100 + (day || 1);
  return onYear - year - (before ? 1 : 0);
}

function met(condition) {
  const [field, values] = condition.split("=");
  const negated = field.endsWith("!");
  return values.split("|").includes(answer(negated ? field.slice(0, -1) : field)) !== negated;
}

function concerned(row, years) {
  const { fromAge, toAge, when } = row.dataset;
  if ((fromAge || toAge) && years === null) return false;
  if (fromAge && years < Number(fromAge)) return false;
  if (toAge && years > Number(toAge)) return false;
  return !when || when.split("; ").every(met);
}

function show() {
  const years = form.dataset.on ? age() : null;
  for (const row of form.querySelectorAll("[data-when], [data-from-age], [data-to-age]")) {
    // What has an error stays in sight, so that nothing is refused for a reason nobody sees.
    row.hidden = !concerned(row, years) && !row.querySelector(".field-error");
  }
}

function followOccupation(event) {
  if (event.target.name !== "occupation") return;
  const wanted = event.target.value.trim().toLocaleLowerCase();
  const option = [...document.querySelectorAll("#occupations option")].find((known) => known.value.toLocaleLowerCase() === wanted);
  if (option) form.elements.occupation_group.value = option.dataset.group;
}

let waiting;
async function keep() {
  const state = document.querySelector("[data-autosave-state]");
  try {
    const answered = await fetch(location.pathname, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" } });
    state.textContent = answered.status === 204 ? "✓" : "!";
  } catch {
    state.textContent = "!";
  }
}

if (form) {
  document.documentElement.classList.add("scripted");
  form.addEventListener("input", (event) => {
    followOccupation(event);
    show();
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1200);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
  window.addEventListener("pageshow", show);
  show();
}
document.querySelector(".errors[role=alert]")?.focus();
