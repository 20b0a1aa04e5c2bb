// Keyboard shortcuts. The registry is the sheet itself: each row names its keys and what they do.
import { open } from "./dialog.js";

const sheet = document.getElementById("shortcuts");
const rows = [...(sheet?.querySelectorAll("[data-combo]") ?? [])];
const combos = new Map(rows.map((row) => [row.dataset.combo, row]));
const STARTS = new Set([...combos.keys()].filter((combo) => combo.includes(" ")).map((combo) => combo.split(" ")[0]));
const WAIT = 900;
let first = null;
let since = 0;

const typing = (node) => node.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable='true']");
const shown = (node) => node && node.checkVisibility({ visibilityProperty: true });

function name(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key)) ? "shift+" : "";
  return (event.ctrlKey || event.metaKey ? "mod+" : "") + shift + key;
}

// Runs one row; false means that it had nothing to do and the browser may go on.
function run({ dataset }, event) {
  const target = dataset.press && [...document.querySelectorAll(dataset.press)].find(shown);
  if (target) { target.click(); return true; }
  if (dataset.go) { location.href = dataset.go; return true; }
  if (dataset.open) return open(dataset.open);
  if (dataset.focusOn) {
    const field = [...document.querySelectorAll(dataset.focusOn)].find(shown);
    field?.focus();
    field?.select?.();
    return Boolean(field);
  }
  if (dataset.move) {
    return !document.dispatchEvent(new CustomEvent("list-key", { detail: { what: dataset.move, from: event.target }, cancelable: true }));
  }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const combo = name(event);
  const modified = combo.startsWith("mod+");
  const singles = document.documentElement.dataset.keys !== "off";
  if (!modified && (!singles || typing(event.target))) return;
  if (modified && combo === "mod+a" && typing(event.target)) return;
  if (document.querySelector("dialog[open]") && combo !== "mod+k") return;
  const pair = first && event.timeStamp - since < WAIT ? `${first} ${combo}` : "";
  first = null;
  const row = combos.get(pair) ?? combos.get(combo);
  if (!pair && STARTS.has(combo)) { first = combo; since = event.timeStamp; }
  const page = modified ? null : [...document.querySelectorAll(`[data-key="${CSS.escape(combo)}"]`)].find(shown);
  if (row ? run(row, event) : page) {
    event.preventDefault();
    if (!row) page.click();
  }
});

// The page's own keys join the sheet when it opens.
sheet?.addEventListener("toggle", fill);
sheet?.addEventListener("dialog-open", fill);

function fill() {
  sheet.querySelector("[data-page-keys]")?.remove();
  const known = new Set(combos.keys());
  const own = [...document.querySelectorAll("[data-key]")].filter((node) => shown(node) && !known.has(node.dataset.key));
  if (!own.length) return;
  const section = document.createElement("section");
  section.dataset.pageKeys = "";
  section.append(Object.assign(document.createElement("h3"), { textContent: sheet.dataset.pageGroup }), document.createElement("dl"));
  for (const node of own) {
    const row = rows[0].cloneNode(true);
    row.querySelector("dt").textContent = node.getAttribute("aria-label") ?? node.querySelector("span")?.textContent ?? "";
    const cap = row.querySelector("kbd");
    cap.textContent = node.dataset.key.toUpperCase();
    row.querySelector("dd").replaceChildren(cap);
    section.lastElementChild.append(row);
  }
  sheet.querySelector(".shortcut-groups").append(section);
}
