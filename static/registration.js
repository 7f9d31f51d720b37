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
  for (const told of form.querySelectorAll("[data-birth-unknown]")) {
    told.hidden = years !== null || [...told.parentElement.querySelectorAll(".question")].some((row) => !row.hidden);
  }
}

function followOccupation(event) {
  if (event.target.name !== "occupation") return;
  const wanted = event.target.value.trim().toLocaleLowerCase();
  const option = [...document.querySelectorAll("#occupations option")].find((known) => known.value.toLocaleLowerCase() === wanted);
  if (option) form.elements.occupation_group.value = option.dataset.group;
}

/* Proposed from the head's couple, where nothing is answered yet: marked until somebody touches it. */
const couple = form?.dataset.couple ? JSON.parse(form.dataset.couple) : null;

function propose(name, value) {
  const control = form.elements[name];
  if (!value || !control || answer(name)) return false;
  if (control.options && ![...control.options].some((option) => option.value === String(value))) return false;
  if (control instanceof RadioNodeList) [...control].find((choice) => choice.value === String(value)).checked = true;
  else {
    control.value = String(value);
    control.classList.add("proposed");
  }
  return true;
}

function followRelation(event) {
  event.target.classList.remove("proposed");
  if (!["relation", "first_name_ar"].includes(event.target.name) || !couple) return;
  // A family name alone in Arabic would be the same for every child: it follows the first name.
  const arabic = answer("first_name_ar") ? { last_name_ar: couple.last_name_ar } : {};
  const others = { mother: couple.mother, father: couple.father, last_name_fr: couple.last_name_fr, marital_status: "single" };
  const child = event.target.name === "relation" ? { ...others, ...arabic } : arabic;
  const proposals = { child, spouse: event.target.name === "relation" ? { spouse: couple.head, marital_status: "married" } : {} }[answer("relation")] || {};
  const proposed = Object.entries(proposals).filter(([name, value]) => propose(name, value));
  if (proposed.length) say(state.dataset.proposed);
}

/* The draft is kept while typing. A session that ended, a network that fails, are said, and nothing typed is lost:
   it waits in this tab, under this page's address, for its author. */
const state = document.querySelector("[data-autosave-state]");
const waitingAnswers = "waiting:" + location.pathname;
let waiting, sending, changed;

function say(words, link) {
  state.replaceChildren(words);
  if (!link) return;
  const anchor = document.createElement("a");
  anchor.href = state.dataset.loginUrl + "?next=" + encodeURIComponent(location.pathname);
  anchor.textContent = link;
  state.append(" ", anchor);
}

function putAside() {
  const typed = [...new FormData(form)].filter(([name]) => !name.startsWith("csrf"));
  sessionStorage.setItem(waitingAnswers, JSON.stringify({ author: form.dataset.author, typed }));
}

function takeBack() {
  const kept = sessionStorage.getItem(waitingAnswers);
  sessionStorage.removeItem(waitingAnswers);
  const { author, typed } = kept ? JSON.parse(kept) : {};
  if (!typed || author !== form.dataset.author) return;
  const given = new Map();
  for (const [name, value] of typed) given.set(name, [...(given.get(name) || []), value]);
  for (const control of form.elements) {
    if (!control.name || control.type === "submit" || ["csrfmiddlewaretoken", "page_author"].includes(control.name)) continue;
    const values = given.get(control.name) || [];
    if (["checkbox", "radio"].includes(control.type)) control.checked = values.includes(control.value);
    else if (values.length) control.value = values[0];
  }
  say(state.dataset.returned);
  waiting = setTimeout(keep, 1200);
}

async function keep() {
  if (sending) return void (changed = true);
  [sending, changed] = [true, false];
  try {
    const answered = await fetch(location.pathname, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" }, redirect: "manual" });
    if (answered.ok) wasKept(await answered.json());
    else if (answered.status === 410) say(state.dataset.sent);
    else if ([0, 401, 403].includes(answered.status)) {
      putAside();
      say(state.dataset.ended, state.dataset.login);
    } else say(state.dataset.lost);
  } catch {
    putAside();
    say(state.dataset.lost);
  }
  sending = false;
  if (changed) keep();
}

function wasKept({ kept: time, base, clashes, said }) {
  sessionStorage.removeItem(waitingAnswers);
  form.elements.page_base.value = JSON.stringify({ ...JSON.parse(form.elements.page_base.value || "{}"), ...base });
  say(said || state.dataset.kept.replace("{time}", time));
  for (const shown of document.querySelectorAll(".clash")) if (!(shown.id.replace(/_clash$/, "") in clashes)) shown.remove();
  for (const [name, html] of Object.entries(clashes)) {
    const row = document.getElementById(name + "_row");
    // A choice being made is not drawn again under the hand, unless the other answer has changed once more.
    const before = document.getElementById(name + "_clash");
    const fresh = document.createRange().createContextualFragment(html);
    if (before?.querySelector("input").value === fresh.querySelector("input").value) continue;
    before?.remove();
    row?.append(fresh);
  }
}

/* Enter in the reason of a "not the same" says it, rather than keep the page. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-enter]")) return;
  event.preventDefault();
  event.target.closest(".apart").querySelector("button").click();
});

/* Alt and the key where it stands, whatever the layout: with an Arabic keyboard the letter under S is another. */
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || !event.code.startsWith("Key")) return;
  const target = document.querySelector(`[accesskey=${event.code.slice(3).toLowerCase()}]:not([disabled])`);
  if (!target) return;
  event.preventDefault();
  target.click();
});

if (form) {
  document.documentElement.classList.add("scripted");
  takeBack();
  form.addEventListener("input", (event) => {
    followOccupation(event);
    followRelation(event);
    show();
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1200);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
  window.addEventListener("pageshow", show);
  show();
}
document.querySelector(".errors[role=alert], .errorlist[role=alert]")?.focus();
