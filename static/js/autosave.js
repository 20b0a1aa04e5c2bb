// Saves a board 800 ms after the last key, one request at a time, each naming the version it was made from. What could
// not be sent is kept on this device; what was changed elsewhere in the meantime is never overwritten unasked.
const PAUSE = 800;
const RETRY = 8000;

export function autosave(form, { title, editor }) {
  const saved = document.querySelector("[data-saved]");
  const conflict = document.querySelector("[data-conflict]");
  const kept = document.querySelector("[data-kept]");
  const key = form.dataset.key;
  const token = form.elements.csrfmiddlewaretoken.value;
  let version = Number(form.dataset.version);
  let timer = 0;
  let busy = false;
  let dirty = false;
  let stuck = false;

  const text = () => ({ title: title.value.trim(), body: editor.getJSON() });
  const say = (name) => {
    saved.dataset.state = name;
    saved.querySelector("[data-saved-text]").textContent = saved.dataset[name];
  };
  const keep = () => { try { localStorage.setItem(key, JSON.stringify({ version, ...text() })); } catch { /* full or off */ } };
  const drop = () => localStorage.removeItem(key);
  const plan = (wait) => { clearTimeout(timer); timer = setTimeout(save, wait); };

  function know(next) {
    version = next;
    form.dataset.version = String(next);
    form.elements.version.value = String(next);
  }

  async function send() {
    return fetch(form.dataset.api, {
      method: "PATCH",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ version, ...text() }),
    });
  }

  async function save() {
    if (busy || stuck || !dirty || !title.value.trim()) return;
    busy = true;
    dirty = false;
    say("saving");
    try {
      const answer = await send();
      if (answer.status === 409) meet(await answer.json());
      else if (answer.ok) {
        know((await answer.json()).data.version);
        drop();
        say("done");
      } else {
        // Saying it again would be refused again; the next change tries anew.
        keep();
        say("failed");
      }
    } catch {
      dirty = true;
      keep();
      say("offline");
      plan(RETRY);
    } finally {
      busy = false;
      if (dirty && saved.dataset.state !== "offline") plan(PAUSE);
    }
  }

  function meet(answer) {
    stuck = true;
    keep();
    say("failed");
    conflict.hidden = false;
    conflict.dataset.version = String(answer.error.details?.version ?? version);
  }

  function changed() {
    dirty = true;
    if (!stuck) plan(PAUSE);
  }

  editor.on("update", changed);
  title.addEventListener("input", () => {
    for (const echo of document.querySelectorAll("[data-title-echo]")) echo.textContent = title.value;
    changed();
  });
  addEventListener("online", () => plan(0));
  addEventListener("pagehide", () => { if (dirty || busy) keep(); });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    dirty = true;
    plan(0);
  });
  // Forms that replace the text name the version that is known by now.
  document.addEventListener("submit", (event) => {
    if ("restore" in event.target.dataset) event.target.elements.version.value = String(version);
  }, true);
  conflict.querySelector("[data-conflict-load]").addEventListener("click", () => { drop(); location.reload(); });
  conflict.querySelector("[data-conflict-keep]").addEventListener("click", () => {
    know(Number(conflict.dataset.version));
    conflict.hidden = true;
    stuck = false;
    dirty = true;
    plan(0);
  });

  const old = JSON.parse(localStorage.getItem(key) ?? "null");
  const now = JSON.stringify(text());
  if (old && JSON.stringify({ title: old.title, body: old.body }) !== now) {
    kept.hidden = false;
    kept.querySelector("[data-kept-use]").addEventListener("click", () => {
      kept.hidden = true;
      title.value = old.title;
      editor.commands.setContent(old.body, { emitUpdate: true });
      changed();
    });
    kept.querySelector("[data-kept-drop]").addEventListener("click", () => { kept.hidden = true; drop(); });
  } else drop();
}
