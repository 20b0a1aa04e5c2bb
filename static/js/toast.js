// Messages in the corner. The server sends them with HX-Trigger: {"toast": {text, level, undo: {url, label}}}.
const box = document.getElementById("toasts");
const template = document.getElementById("toast-template");
const texts = document.getElementById("toast-texts")?.dataset ?? {};
const STAY = 8000;

function leave(toast) {
  let timer = setTimeout(() => toast.remove(), STAY);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), STAY / 2); });
}

export function toast({ text, level = "ok", undo = null }) {
  if (!box || !template) return;
  const node = template.content.firstElementChild.cloneNode(true);
  node.dataset.tone = level;
  node.querySelector("[data-text]").textContent = text;
  const form = node.querySelector("[data-undo]");
  if (undo) {
    form.action = undo.url;
    form.querySelector("button").textContent = undo.label;
  } else form.remove();
  while (box.childElementCount > 2) box.firstElementChild.remove();
  box.append(node);
  leave(node);
}

export const say = (name, level) => texts[name] && toast({ text: texts[name], level });

document.addEventListener("toast", (event) => toast(event.detail));
document.addEventListener("htmx:sendError", () => say("offline", "bad"));
document.addEventListener("htmx:responseError", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Retarget")) say("failed", "bad");
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
});

// What an answer tells the page, as htmx would hear it.
function follow(told) {
  for (const [name, detail] of Object.entries(told ? JSON.parse(told) : {})) {
    document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

// Undo without leaving the page; a plain form loads it anew.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-undo]")) return;
  event.preventDefault();
  const body = new FormData(form);
  form.closest(".toast").remove();
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
    document.body.dispatchEvent(new CustomEvent("rows-changed", { bubbles: true }));
    follow(answer.headers.get("HX-Trigger"));
  } catch {
    say("failed", "bad");
  }
});

for (const node of box?.children ?? []) leave(node);
