// Links: Enter starts, several links stand one per line, and a link pasted anywhere goes into the composer.
const LINK = /https?:\/\/[^\s<>"']+/g;

// How many links the composer holds, said beside the button as they are typed or pasted.
function count(field) {
  const told = field.form?.querySelector("[data-links]");
  if (!told) return;
  const links = new Set(field.value.match(LINK)).size;
  told.hidden = links < 2;
  told.textContent = links < 2 ? "" : `${links} links`;
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("textarea[data-paste]")) count(event.target);
});

function insert(field, text) {
  const links = text.match(LINK);
  if (!links) return false;
  const before = field.value.trim();
  field.value = [...(before ? before.split(/\s+/) : []), ...links].join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("textarea[data-paste]") || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (field.value.trim()) field.form.requestSubmit();
});

document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text") ?? "";
  const field = event.target.closest?.("textarea[data-paste]");
  const elsewhere = !event.target.closest?.("input, textarea, [contenteditable='true']");
  const goal = field ?? (elsewhere ? document.querySelector("textarea[data-paste]") : null);
  if (goal && (text.match(LINK)?.length ?? 0) > (field ? 1 : 0) && insert(goal, text)) event.preventDefault();
});

for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    const goal = document.querySelector("textarea[data-paste]");
    if (!goal || !event.dataTransfer?.types.includes("text/uri-list")) return;
    event.preventDefault();
    if (kind === "drop") insert(goal, event.dataTransfer.getData("text/uri-list"));
  });
}
