// Dialogs: the invoker attributes where the browser knows them, the same by hand where it does not.
const native = "commandForElement" in HTMLButtonElement.prototype;

export function open(id) {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) {
    dialog.showModal();
    dialog.dispatchEvent(new CustomEvent("dialog-open"));
  }
  return Boolean(dialog);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (opener && plain && !(native && opener.hasAttribute("commandfor"))) {
    opener.closest("[popover]")?.hidePopover();
    if (open(opener.dataset.dialog)) event.preventDefault();
    return;
  }
  if (opener) opener.closest("[popover]")?.hidePopover();
  const dialog = event.target.closest("dialog[open]");
  if (!dialog) return;
  if (event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
    return;
  }
  // A press on the backdrop reaches the dialog itself, outside its own box.
  if (event.target === dialog) {
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  }
});

// htmx fills #modal with a fragment; what arrives is shown, an empty answer closes it.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "modal") return;
  const title = event.target.querySelector("h1, h2");
  if (title) event.target.setAttribute("aria-label", title.textContent.trim());
  if (!event.target.childElementCount) {
    event.target.close();
    return;
  }
  const fresh = !event.target.open;
  open("modal");
  // People open a form to fill it in; without a field the browser's choice stands.
  if (fresh) event.target.querySelector(".dialog-body :is(input:not([type=hidden]), textarea)")?.focus();
});

document.addEventListener("close-modal", () => document.getElementById("modal")?.close());
