/* Without this file every page works. With it: the language switch keeps what was typed, forms are not sent twice,
   and htmx answers that refuse a form are shown. */
"use strict";

const typed = () => document.querySelectorAll("main form :is(input, select, textarea)[name]:not([type=hidden], [type=password], [type=file], [type=submit])");
const place = "typed:" + location.pathname;

document.querySelector("[data-language]")?.addEventListener("submit", () => {
  const values = [...typed()].map((control) => (["checkbox", "radio"].includes(control.type) ? control.checked : control.value));
  if (values.length) sessionStorage.setItem(place, JSON.stringify(values));
});

const kept = sessionStorage.getItem(place);
sessionStorage.removeItem(place);
if (kept) {
  const values = JSON.parse(kept);
  const controls = [...typed()];
  if (controls.length === values.length) {
    controls.forEach((control, index) => {
      if (typeof values[index] === "boolean") control.checked = values[index];
      else control.value = values[index];
    });
  }
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post" || "language" in event.target.dataset) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

document.addEventListener("htmx:beforeSwap", (event) => {
  if ([409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// A menu of the bar closes when one looks elsewhere.
const menus = () => document.querySelectorAll(".top .menu[open]");
document.addEventListener("click", (event) => menus().forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.removeAttribute("open");
  });
});
