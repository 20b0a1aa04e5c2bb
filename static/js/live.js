// One small map of what moves, asked for while something does: GET /live/ -> {"rev", "active", "v": {key: value}}.
const url = document.body.dataset.liveUrl;
// A worker writes twice a second what it did, so that a page is less than two seconds behind with time to spare.
const BUSY = 1000;
const IDLE = 20000;
const BROKEN = 8000;
let rev = null;
let timer = 0;
let active = Number(document.body.dataset.active || 0);

function write(node, value) {
  if (node instanceof HTMLProgressElement) {
    if (value === null || value === "") node.removeAttribute("value");
    else node.value = Number(value);
    return;
  }
  const text = value === null ? "" : String(value);
  if (node.textContent !== text) node.textContent = text;
  if (node.classList.contains("count")) node.hidden = text === "" || text === "0";
}

function patch(values) {
  for (const node of document.querySelectorAll("[data-live]")) {
    if (node.dataset.live in values) write(node, values[node.dataset.live]);
  }
}

// Between the making of the page and the first answer work may have ended, and then the map does not name it, or begun.
function outdated(values) {
  const ended = [...document.querySelectorAll('progress[data-live$=".bar"]')].some((bar) => !(bar.dataset.live in values));
  const waiting = [...document.querySelectorAll('[data-state="queued"][id]')];
  return ended || waiting.some((row) => values[`${row.id.replace("job-", "")}.state`] === "running");
}

function showActive(count) {
  active = count;
  for (const ring of document.querySelectorAll("[data-live-active]")) {
    ring.hidden = count === 0;
    const number = ring.querySelector("[data-live-count]");
    if (number) number.textContent = String(count);
  }
}

function plan(wait) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, wait);
}

async function ask() {
  if (document.hidden) return;
  try {
    const query = rev === null ? "" : `?rev=${encodeURIComponent(rev)}`;
    const answer = await fetch(url + query, { headers: { Accept: "application/json" }, cache: "no-cache" });
    if (answer.status === 200) {
      const body = await answer.json();
      showActive(body.active);
      patch(body.v);
      if (rev === null ? outdated(body.v) : body.rev !== rev) document.body.dispatchEvent(new CustomEvent("rows-changed", { bubbles: true }));
      rev = body.rev;
    } else if (answer.status !== 204 && answer.status !== 304) throw new Error(String(answer.status));
    plan(active ? BUSY : IDLE);
  } catch {
    plan(BROKEN);
  }
}

if (url) {
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  // Something was just asked for: look at once instead of after the idle pause.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.verb === "post") plan(300);
  });
  plan(active ? 300 : BUSY);
}
