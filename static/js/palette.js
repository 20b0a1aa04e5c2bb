// Command palette: pages and actions found in the page, objects asked from the server, the recent ones first.
import { open } from "./dialog.js";

const dialog = document.getElementById("palette");
const RECENT = "palette-recent";
const KEPT = 5;

function recall() {
  try { return JSON.parse(localStorage.getItem(RECENT)) ?? []; } catch { return []; }
}

function remember({ title, url }) {
  try { localStorage.setItem(RECENT, JSON.stringify([{ title, url }, ...recall().filter((item) => item.url !== url)].slice(0, KEPT))); } catch { /* storage may be off */ }
}

function gather() {
  const seen = new Set();
  return [...document.querySelectorAll("[data-palette]")].flatMap((node) => {
    const title = (node.querySelector(".nav-label, span") ?? node).textContent.trim();
    if (seen.has(title)) return [];
    seen.add(title);
    return [{ title, url: node.getAttribute("href"), group: node.dataset.palette, icon: node.querySelector("svg") }];
  });
}

// Every letter in order, the beginning of words first; lower is better, -1 is no match.
function rank(title, query) {
  const text = title.toLowerCase();
  const at = text.indexOf(query);
  if (at >= 0) return at === 0 || text[at - 1] === " " ? 0 : 1;
  let from = 0;
  for (const letter of query) {
    from = text.indexOf(letter, from) + 1;
    if (!from) return -1;
  }
  return 2;
}

function setup() {
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  let found = [];
  let asked = null;
  let pause = 0;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(node) {
    chosen()?.setAttribute("aria-selected", "false");
    node?.setAttribute("aria-selected", "true");
    node?.scrollIntoView({ block: "nearest" });
    if (node) input.setAttribute("aria-activedescendant", node.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function option(item, index) {
    const node = Object.assign(document.createElement("div"), { className: "palette-option", id: `palette-${index}` });
    node.setAttribute("role", "option");
    node.setAttribute("aria-selected", "false");
    if (item.icon) node.append(item.icon.cloneNode(true));
    node.append(Object.assign(document.createElement("span"), { textContent: item.title }));
    if (item.kind) node.append(Object.assign(document.createElement("span"), { className: "palette-kind", textContent: item.kind }));
    node.addEventListener("click", () => { remember(item); location.href = item.url; });
    node.addEventListener("pointermove", () => choose(node));
    return node;
  }

  function draw(groups) {
    let index = 0;
    const nodes = [...groups].filter(([, items]) => items.length).map(([name, items]) => {
      const group = document.createElement("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", name);
      const title = Object.assign(document.createElement("div"), { className: "palette-title", textContent: name });
      title.setAttribute("aria-hidden", "true");
      group.append(title, ...items.map((item) => option(item, index++)));
      return group;
    });
    if (!nodes.length) nodes.push(Object.assign(document.createElement("div"), { className: "palette-none", textContent: dialog.dataset.none }));
    list.replaceChildren(...nodes);
    choose(options()[0]);
  }

  function show() {
    const query = input.value.trim().toLowerCase();
    const groups = new Map();
    if (!query) groups.set(dialog.dataset.recent, recall());
    const ranked = gather().map((item) => ({ ...item, rank: query ? rank(item.title, query) : 0 })).filter((item) => item.rank >= 0).sort((a, b) => a.rank - b.rank);
    for (const item of ranked) groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
    groups.set(dialog.dataset.results, query ? found : []);
    draw(groups);
  }

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const query = input.value.trim();
    if (query.length < 2) { found = []; return; }
    try {
      const answer = await fetch(`${dialog.dataset.suggest}?q=${encodeURIComponent(query)}`, { signal: asked.signal, headers: { Accept: "application/json" } });
      found = answer.ok ? (await answer.json()).items ?? [] : [];
      show();
    } catch { /* a newer question took its place, or the network is away: pages and actions still work */ }
  }

  input.addEventListener("input", () => { show(); clearTimeout(pause); pause = setTimeout(ask, 160); });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      chosen().click();
    }
  });
  dialog.addEventListener("dialog-open", () => { input.value = ""; found = []; show(); input.focus(); });
}

if (dialog) setup();
export const openPalette = () => open("palette");
