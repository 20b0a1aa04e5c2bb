// Theme, sidebar, density and keys: shown at once, kept by the server in a cookie.
const root = document.documentElement;

function show(name, value) {
  if (name === "theme" && value === "system") delete root.dataset.theme;
  else root.dataset[name] = value;
}

function mark(form, button, name, value) {
  for (const other of form.querySelectorAll(`[name="${name}"]`)) {
    if (other === button) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
}

// A button with two values is a toggle: after a press it offers the other one.
function turn(button, value) {
  const values = button.dataset.values.split(" ");
  const next = values[1 - values.indexOf(value)];
  button.value = next;
  if (button.dataset.words) button.textContent = button.dataset.words.split("|")[values.indexOf(value)];
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-preference]") || !event.submitter?.name) return;
  event.preventDefault();
  const { name, value } = event.submitter;
  const body = new FormData(form, event.submitter);
  show(name, value);
  if (event.submitter.dataset.values) turn(event.submitter, value);
  else mark(form, event.submitter, name, value);
  form.closest("[popover]")?.hidePopover();
  fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }).catch(() => {});
});
