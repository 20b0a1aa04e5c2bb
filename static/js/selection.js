// Lists: move with j/k, select with x, ranges with shift, and the bar that acts on the selection.
// Markup: form[data-selection] around [data-item] elements with input[name=ids]; .bulk-bar inside the form.
let last = null;

const boxes = (form) => [...form.querySelectorAll('input[name="ids"]')];
const items = () => [...document.querySelectorAll("[data-item]")].filter((node) => node.checkVisibility());
const current = () => document.activeElement?.closest?.("[data-item]");

function count(form) {
  const words = form.querySelector(".bulk-count");
  if (words) words.textContent = words.dataset.words.replace("{n}", boxes(form).filter((box) => box.checked).length);
}

function range(form, from, to, checked) {
  const all = boxes(form);
  const [a, b] = [all.indexOf(from), all.indexOf(to)].sort((x, y) => x - y);
  if (a < 0) return;
  for (const box of all.slice(a, b + 1)) box.checked = checked;
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.name !== "ids" || !box.form) return;
  if (event.shiftKey && last?.isConnected && last !== box) range(box.form, last, box, box.checked);
  last = box;
  count(box.form);
});

document.addEventListener("change", (event) => {
  if (event.target.name === "ids" && event.target.form) count(event.target.form);
});
document.addEventListener("reset", (event) => setTimeout(() => { count(event.target); last = null; }));

function step(by) {
  const all = items();
  if (!all.length) return false;
  const at = all.indexOf(current());
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
  (next.querySelector("[data-open]") ?? next.querySelector("a, button, input"))?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function toggle(item, ranged) {
  const box = item?.querySelector('input[name="ids"]');
  if (!box) return false;
  box.checked = ranged ? true : !box.checked;
  if (ranged && last?.isConnected) range(box.form, last, box, true);
  last = box;
  if (box.form) count(box.form);
  return true;
}

function selected() {
  return [...document.querySelectorAll("form")].find((form) => boxes(form).some((box) => box.checked));
}

const moves = {
  next: () => step(1),
  previous: () => step(-1),
  select: () => toggle(current(), false),
  range: () => toggle(current(), true),
  open: () => false,
  all: () => {
    const form = current()?.querySelector('input[name="ids"]')?.form ?? document.querySelector("form[data-selection]");
    if (!form) return false;
    for (const box of boxes(form)) box.checked = true;
    count(form);
    return true;
  },
  clear: () => {
    const form = selected();
    if (!form) return false;
    for (const box of boxes(form)) box.checked = false;
    last = null;
    return true;
  },
  delete: () => {
    const button = selected()?.querySelector("[data-list-delete]");
    button?.click();
    return Boolean(button);
  },
};

document.addEventListener("list-key", (event) => {
  if (moves[event.detail.what]?.()) event.preventDefault();
});

// A list that was fetched again has lost its ticks; the number must not outlive them.
document.addEventListener("htmx:afterSwap", () => document.querySelectorAll("form[data-selection]").forEach(count));
