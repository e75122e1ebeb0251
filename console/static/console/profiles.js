// Redraws the page while a threshold is turned. Without JavaScript, use the button.
"use strict";

const form = document.getElementById("profiles");
const PAUSE = 150;
const NEVER = 1;
let waiting;
let latest = 0;

function address() {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const input = document.getElementById(name);
    if (!input || !("inForce" in input.dataset) || isEdited(input)) asked.set(name, value);
  }
  return `${form.action}?${asked}`;
}

async function draw() {
  if (!form.checkValidity()) return;
  const turn = ++latest;
  const place = address();
  const response = await fetch(place);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (turn !== latest || !response.ok) return;
  history.replaceState(null, "", place);
  for (const shown of document.querySelectorAll("[data-live]")) {
    const drawn = page.getElementById(shown.id);
    if (drawn) replace(shown, drawn);
  }
}

// Keep opened details open.
function replace(shown, drawn) {
  const open = [...shown.querySelectorAll("details")].map((details) => details.open);
  drawn.querySelectorAll("details").forEach((details, i) => { if (i in open) details.open = open[i]; });
  shown.replaceChildren(...drawn.childNodes);
}

function isEdited(input) {
  return "inForce" in input.dataset && Number(input.value) !== Number(input.dataset.inForce);
}

function mark(input) {
  input.classList.toggle("edited", isEdited(input));
}

for (const slider of form.querySelectorAll(".slider")) slider.hidden = false;
// The answer to a check has an address without the settings.
if ([...form.elements].some(isEdited)) history.replaceState(null, "", address());

form.addEventListener("input", (event) => {
  const input = event.target;
  if (input.dataset.for) {
    const number = document.getElementById(input.dataset.for);
    const never = Number(input.value) > NEVER && !number.max;
    number.value = never ? "2.00" : Number(input.value).toFixed(2);
    mark(number);
  } else if ("inForce" in input.dataset) {
    const slider = form.querySelector(`[data-for="${CSS.escape(input.id)}"]`);
    if (slider) slider.value = input.value;
    mark(input);
  } else if (input.id !== "minutes" && input.id !== "set") return;
  clearTimeout(waiting);
  waiting = setTimeout(draw, PAUSE);
});
