/* A name typed in one script is suggested in the other, beside the field still empty; its button fills the field, nothing else does.
   Without this file the suggestion comes when the person is kept, and its button keeps it. */
"use strict";

document.querySelectorAll("form[data-registration]").forEach((form) => {
  const places = [...form.querySelectorAll("[data-suggests]")];
  const field = (name) => form.elements.namedItem(name);
  const names = places.map((place) => place.dataset.suggests);
  const address = document.querySelector("[data-suggest-names]")?.dataset.suggestNames;
  if (!places.length || !address) return;
  let asked = 0;

  const show = (found) =>
    places.forEach((place) => {
      const name = field(place.dataset.suggests).value.trim() ? "" : found[place.dataset.suggests] || "";
      place.querySelector("[data-name]").textContent = name;
      place.hidden = !name;
    });

  const ask = async () => {
    const turn = ++asked;
    const values = new URLSearchParams(names.map((name) => [name, field(name).value]));
    try {
      const headers = { Accept: "application/json", "X-CSRFToken": field("csrfmiddlewaretoken").value };
      const answer = await fetch(address, { method: "POST", body: values, headers, credentials: "same-origin" });
      if (answer.ok && turn === asked) show(await answer.json());
    } catch {
      /* out of reach: the page goes on without a suggestion */
    }
  };

  names.forEach((name) => field(name)?.addEventListener("change", ask));
  places.forEach((place) =>
    place.querySelector("[data-accept]").addEventListener("click", (event) => {
      event.preventDefault();
      const target = field(place.dataset.suggests);
      if (target.value.trim()) return;
      target.value = place.querySelector("[data-name]").textContent;
      place.hidden = true;
      target.dispatchEvent(new Event("input", { bubbles: true }));
      target.dispatchEvent(new Event("change", { bubbles: true }));
      target.focus();
    })
  );
});
