// The text is readable as the server painted it; the editor takes its place when the browser has time, or is touched.
const form = document.querySelector("[data-editor-form]");
let asked = null;

function load() {
  asked ??= import("./editor.js").then(({ start }) => start(form));
  return asked;
}

if (form) {
  form.querySelector("[data-editor]").addEventListener("pointerdown", load, { once: true });
  form.addEventListener("focusin", load, { once: true });
  if ("requestIdleCallback" in window) requestIdleCallback(load, { timeout: 2500 });
  else setTimeout(load, 400);
}
