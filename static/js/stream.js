// Ideas written while you watch: POST with Accept: text/event-stream, then the finished card from the server.
import { toast } from "./toast.js";

const CHECKS = [300, 900, 2000];

// Server-sent events out of a response body: yields {event, data} for each block.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
      if (fields.data) yield { event: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

function newCard(label) {
  const card = document.getElementById("idea-template").content.firstElementChild.cloneNode(true);
  const badge = card.querySelector(".badge");
  badge.lastChild.textContent = label;
  const list = Object.assign(document.createElement("ul"), { className: "idea-lines" });
  card.querySelector(".generation-text").replaceChildren(list);
  document.querySelector("[data-ideas-empty]")?.remove();
  document.querySelector("[data-ideas]").prepend(card);
  card.scrollIntoView({ block: "nearest" });
  return { card, list };
}

function line(list, index) {
  while (list.childElementCount <= index) list.append(document.createElement("li"));
  return list.children[index];
}

// The card as the server keeps it; while the server has not noticed yet that we stopped, it is asked again.
async function settle(form, card, id) {
  for (const wait of CHECKS) {
    const answer = await fetch(form.dataset.card.replace("00000000-0000-0000-0000-000000000000", id));
    if (!answer.ok) break;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-idea]");
    const price = document.querySelector("[data-price]");
    if (price) price.textContent = page.querySelector("[data-price]").textContent;
    if (fresh.dataset.state !== "running") {
      card.replaceWith(fresh);
      reveal(fresh);
      return;
    }
    await new Promise((done) => { setTimeout(done, wait); });
  }
  card.removeAttribute("aria-busy");
  card.querySelector(".generation-foot").textContent = form.dataset.stopped;
}

async function write(form, kind, label, prompt) {
  const { card, list } = newCard(label);
  const stop = new AbortController();
  let id = null;
  card.querySelector("[data-stop]").addEventListener("click", () => stop.abort());
  const order = { type: kind, ideaboardId: form.dataset.board, prompt, tone: form.elements.tone?.value ?? "" };
  try {
    const answer = await fetch(form.dataset.stream, {
      method: "POST",
      headers: {
        Accept: "text/event-stream",
        "Content-Type": "application/json",
        "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
      },
      body: JSON.stringify(order),
      signal: stop.signal,
    });
    if (!answer.ok) throw new Error((await answer.json()).error.message);
    for await (const { event, data } of events(answer.body)) {
      if (event === "start") id = data.id;
      if (event === "text") line(list, data.line).append(data.text);
      if (event === "line") line(list, data.line).classList.toggle("idea-unsupported", !data.supported && data.grounded);
    }
  } catch (error) {
    if (!id) {
      card.remove();
      if (error.name !== "AbortError") toast({ text: error.message || form.dataset.failed, level: "bad" });
      return;
    }
  }
  await settle(form, card, id).catch(() => toast({ text: form.dataset.failed, level: "bad" }));
}

function reveal(root) {
  for (const button of root.querySelectorAll("[data-copy-idea]")) button.hidden = false;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-stream]") || !event.submitter) return;
  event.preventDefault();
  const { value, dataset } = event.submitter;
  const again = event.submitter.closest("[data-idea]")?.querySelector(".idea-prompt")?.textContent;
  const own = "again" in dataset ? again ?? "" : form.elements.prompt.value;
  if (!("again" in dataset)) form.elements.prompt.value = "";
  write(form, value, dataset.kindLabel, own);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form[data-stream]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[type=submit]"));
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-idea]");
  if (!button) return;
  const lines = [...button.closest("[data-idea]").querySelectorAll("[data-line]")];
  await navigator.clipboard.writeText(lines.map((node) => node.textContent).join("\n"));
  toast({ text: button.dataset.copied });
});

document.addEventListener("htmx:afterSwap", (event) => reveal(event.target));
reveal(document);
