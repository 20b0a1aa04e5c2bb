// Form fields: show a password, count characters, copy a value, send a filter as it changes.
import { say } from "./toast.js";

document.addEventListener("click", async (event) => {
  const reveal = event.target.closest("[data-reveal]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    reveal.setAttribute("aria-pressed", String(!shown));
    field.focus();
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const source = document.getElementById(copy.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      say("copied", "ok");
    } catch {
      source.select?.();
    }
  }
});

function count(field) {
  const counter = document.querySelector(`[data-counter="${CSS.escape(field.id)}"]`);
  if (!counter) return;
  const left = field.maxLength - field.value.length;
  counter.textContent = field.value ? `${field.value.length} / ${field.maxLength}` : "";
  counter.toggleAttribute("data-over", left < 0);
}

document.addEventListener("input", (event) => event.target.id && count(event.target));
for (const counter of document.querySelectorAll("[data-counter]")) {
  const field = document.getElementById(counter.dataset.counter);
  if (field) count(field);
}

// A filter form without htmx sends itself when a choice changes; with htmx its own trigger does.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form.filter-bar:not([hx-get])");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
});
