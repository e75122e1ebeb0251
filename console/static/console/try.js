// Decides again while a setting is edited. Without JavaScript, use the button.
"use strict";

const form = document.getElementById("try");
const PAUSE = 250;
let waiting;
let latest = 0;

function mark(input) {
  input.classList.toggle("edited", Number(input.value) !== Number(input.dataset.inForce));
}

async function decide() {
  if (!form.checkValidity()) return;
  const turn = ++latest;
  const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (turn !== latest || !response.ok) return;
  for (const shown of document.querySelectorAll("[data-live]")) {
    const decided = page.getElementById(shown.id);
    if (decided) replace(shown, decided);
  }
}

// Keep opened details open.
function replace(shown, decided) {
  const open = [...shown.querySelectorAll("details")].map((details) => details.open);
  decided.querySelectorAll("details").forEach((details, i) => { if (i in open) details.open = open[i]; });
  shown.replaceChildren(...decided.childNodes);
}

form.addEventListener("input", (event) => {
  const input = event.target;
  if (input.type !== "number") return;
  mark(input);
  clearTimeout(waiting);
  waiting = setTimeout(decide, PAUSE);
});
