// The menu of blocks that opens when a line begins with "/"; letters behind it narrow it down.
const BLOCKS = {
  paragraph: (chain) => chain.setParagraph(),
  heading2: (chain) => chain.setHeading({ level: 2 }),
  heading3: (chain) => chain.setHeading({ level: 3 }),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  blockquote: (chain) => chain.toggleBlockquote(),
  codeBlock: (chain) => chain.setCodeBlock(),
  horizontalRule: (chain) => chain.setHorizontalRule(),
};

export function slashMenu(menu) {
  const items = [...menu.querySelectorAll("[data-block]")];
  let editor = null;
  let range = null;

  const shown = () => items.filter((item) => !item.hidden);
  const current = () => shown().find((item) => item.getAttribute("aria-selected") === "true");
  const point = (item) => { for (const other of items) other.setAttribute("aria-selected", String(other === item)); };
  const close = () => { menu.hidden = true; range = null; };

  function look() {
    const { $from, empty } = editor.state.selection;
    const line = $from.parent.textBetween(0, $from.parentOffset, null, " ");
    const typed = empty && $from.parent.type.name === "paragraph" ? /^\/(\p{L}{0,14})$/u.exec(line) : null;
    if (!typed || !editor.isFocused) return close();
    range = { from: $from.start(), to: $from.pos };
    for (const item of items) item.hidden = !item.textContent.trim().toLowerCase().includes(typed[1].toLowerCase());
    if (!shown().length) return close();
    if (!current()) point(shown()[0]);
    const caret = editor.view.coordsAtPos($from.pos);
    menu.hidden = false;
    const below = caret.bottom + menu.offsetHeight + 8 < innerHeight;
    menu.style.insetInlineStart = `${Math.min(caret.left, innerWidth - menu.offsetWidth - 8)}px`;
    menu.style.insetBlockStart = `${below ? caret.bottom + 4 : caret.top - menu.offsetHeight - 4}px`;
    return undefined;
  }

  function choose(item) {
    const chain = editor.chain().focus().deleteRange(range);
    close();
    BLOCKS[item.dataset.block](chain).run();
  }

  menu.addEventListener("mousedown", (event) => event.preventDefault());
  menu.addEventListener("click", (event) => {
    const item = event.target.closest("[data-block]");
    if (item && range) choose(item);
  });
  addEventListener("scroll", () => { if (!menu.hidden) close(); }, { passive: true });

  return {
    attach(to) {
      editor = to;
      editor.on("transaction", look);
      editor.on("blur", close);
    },
    key(event) {
      if (menu.hidden) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        const list = shown();
        point(list.at((list.indexOf(current()) + step) % list.length));
      } else if (event.key === "Enter" || event.key === "Tab") choose(current());
      else if (event.key === "Escape") close();
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
