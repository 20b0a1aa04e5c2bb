// Entry of every page: loads the small modules and the few habits that need none of their own.
import "./preferences.js";
import "./dialog.js";
import "./menu.js";
import "./toast.js";
import "./live.js";
import "./keys.js";
import "./palette.js";
import "./selection.js";
import "./chart.js";
import "./tags.js";
import "./paste.js";
import "./player.js";
import "./fields.js";

// A panel that explains a refusal names its own place; htmx would drop it because of its status.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Retarget")) event.detail.shouldSwap = true;
});

// Thumbnails live on hosts that forget them; the tile then shows the platform's ground instead of a broken picture.
document.addEventListener("error", (event) => {
  const image = event.target;
  if (!(image instanceof HTMLImageElement) || !("fallback" in image.dataset)) return;
  const thumb = image.closest(".thumb");
  thumb?.classList.add("thumb-text");
  image.remove();
}, true);

const offline = document.getElementById("offline");
const reflect = () => { if (offline) offline.hidden = navigator.onLine; };
addEventListener("online", reflect);
addEventListener("offline", reflect);
reflect();

// The key that goes with letters is drawn as ⌘ where keyboards have it and as Ctrl elsewhere.
if (!/Mac|iP(hone|ad)/.test(navigator.platform)) {
  for (const cap of document.querySelectorAll("[data-mod]")) cap.textContent = cap.textContent.replace("⌘", "Ctrl ");
}

document.querySelector("[data-focus]")?.focus();
