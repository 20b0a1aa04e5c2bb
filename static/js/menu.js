// Menus are popovers; this adds arrow keys, and a place where the browser cannot anchor them itself.
const anchored = CSS.supports("anchor-name: --menu");

function place(menu) {
  const button = document.querySelector(`[popovertarget="${menu.id}"]`);
  if (anchored || !button || matchMedia("(width < 544px)").matches) return;
  const from = button.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const left = menu.classList.contains("menu-end") ? from.right - box.width : from.left;
  const above = menu.classList.contains("menu-top") || from.bottom + box.height > innerHeight;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - box.width - 8))}px`;
  menu.style.top = `${Math.max(8, above ? from.top - box.height - 12 : from.bottom)}px`;
}

const items = (menu) => [...menu.querySelectorAll(".menu-item:not([disabled])")];

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !("menu" in menu.dataset) || event.newState !== "open") return;
  place(menu);
}, true);

document.addEventListener("keydown", (event) => {
  const opener = event.target.closest?.("[popovertarget]");
  if (opener && event.key === "ArrowDown") {
    const menu = document.getElementById(opener.getAttribute("popovertarget"));
    if (!menu || !("menu" in menu.dataset)) return;
    event.preventDefault();
    menu.showPopover();
    items(menu)[0]?.focus();
    return;
  }
  const menu = event.target.closest?.("[data-menu]");
  if (!menu) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[(to + all.length) % all.length]?.focus();
});
