// The board's text as a rich-text editor: Tiptap from the wheel of django-prose-editor, with the schema of
// ideaboards/richtext.py and nothing more.
import {
  Blockquote, Bold, BulletList, Code, CodeBlock, Document, Dropcursor, Editor, Gapcursor, HardBreak, Heading, History,
  HorizontalRule, Italic, ListItem, Mark, Node, OrderedList, Paragraph, Placeholder, Strike, Text,
} from "../django_prose_editor/editor.js";
import { autosave } from "./autosave.js";
import { slashMenu } from "./slash.js";
import { toast } from "./toast.js";

const data = (id) => JSON.parse(document.getElementById(id).textContent);
const SAFE = /^(https?:\/\/[^\s]+|mailto:[^\s]+)$/i;

const Link = Mark.create({
  name: "link",
  inclusive: false,
  addAttributes: () => ({ href: { default: null } }),
  parseHTML: () => [{ tag: "a[href]:not(.cite)", getAttrs: (node) => (SAFE.test(node.getAttribute("href")) ? null : false) }],
  renderHTML: ({ HTMLAttributes }) => ["a", { href: HTMLAttributes.href, rel: "nofollow noopener noreferrer" }, 0],
});

const citation = (references) => Node.create({
  name: "citation",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => ({ trend: { default: null, parseHTML: (node) => node.dataset.trend } }),
  parseHTML: () => [{ tag: "a.cite[data-trend]" }],
  renderHTML({ node }) {
    const known = references[node.attrs.trend];
    const attributes = { class: "cite", "data-trend": node.attrs.trend, href: known?.href ?? "#", title: known?.title ?? "" };
    return ["a", attributes, known ? String(known.n) : "?"];
  },
  renderText: ({ node }) => (references[node.attrs.trend] ? `[${references[node.attrs.trend].n}]` : ""),
});

const DO = {
  heading: (chain) => chain.toggleHeading({ level: 2 }),
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  strike: (chain) => chain.toggleStrike(),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  blockquote: (chain) => chain.toggleBlockquote(),
  code: (chain) => chain.toggleCode(),
  undo: (chain) => chain.undo(),
  redo: (chain) => chain.redo(),
};

function toolbar(bar, editor) {
  const buttons = [...bar.querySelectorAll("button")];
  // The text keeps its selection while a button is pressed.
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  bar.addEventListener("click", (event) => {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (name === "link") linkDialog(editor);
    else if (name) DO[name](editor.chain().focus()).run();
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) buttons.at((buttons.indexOf(document.activeElement) + step) % buttons.length).focus();
  });
  const show = () => {
    for (const button of buttons) {
      const name = button.dataset.do;
      if (name !== "undo" && name !== "redo") button.setAttribute("aria-pressed", String(editor.isActive(name)));
    }
  };
  editor.on("transaction", show);
  show();
}

function linkDialog(editor) {
  const dialog = document.getElementById("link-dialog");
  const field = dialog.querySelector("input");
  field.value = editor.getAttributes("link").href ?? "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "ok") return editor.commands.focus();
    const chain = editor.chain().focus().extendMarkRange("link");
    const href = field.value.trim();
    return (SAFE.test(href) ? chain.setMark("link", { href }) : chain.unsetMark("link")).run();
  }, { once: true });
  dialog.returnValue = "";
  dialog.showModal();
}

// What was written goes behind the block that holds the cursor, or to the end while the text was not touched yet.
function insert(editor, nodes, touched) {
  const { doc, selection } = editor.state;
  const here = touched ? selection.$to : doc.resolve(doc.content.size);
  const block = here.depth ? here.node(1) : doc.lastChild;
  const end = here.depth ? here.after(1) : doc.content.size;
  const blank = block?.type.name === "paragraph" && !block.content.size;
  editor.chain().insertContentAt(blank ? { from: end - block.nodeSize, to: end } : end, nodes).run();
}

export function start(form) {
  const mount = form.querySelector("[data-editor]");
  const title = form.querySelector("[data-title]");
  let touched = false;
  mount.replaceChildren();
  const slash = slashMenu(document.querySelector("[data-slash]"));
  const editor = new Editor({
    element: { mount },
    injectCSS: false,
    extensions: [
      Document, Paragraph, Text, HardBreak, Heading.configure({ levels: [2, 3] }), BulletList, OrderedList, ListItem,
      Blockquote, CodeBlock, HorizontalRule, Bold, Italic, Strike, Code, Link, citation(data("board-references")), History,
      Dropcursor, Gapcursor, Placeholder.configure({ placeholder: mount.dataset.placeholder }),
    ],
    content: data("board-body"),
    editorProps: {
      attributes: { class: "editor prose", role: "textbox", "aria-multiline": "true", "aria-label": mount.dataset.label },
      handleKeyDown: (_, event) => slash.key(event),
    },
    onFocus: () => { touched = true; },
  });
  slash.attach(editor);
  toolbar(form.querySelector("[data-toolbar]"), editor);
  title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    editor.commands.setTextSelection(1);
    // At once, where the command of the same name waits for the next frame and loses what is typed meanwhile.
    editor.view.focus();
  });
  autosave(form, { title, editor });
  document.addEventListener("submit", (event) => {
    const nodes = event.target.dataset?.insert;
    if (!nodes) return;
    event.preventDefault();
    insert(editor, JSON.parse(nodes), touched);
    if (event.target.dataset.inserted) toast({ text: event.target.dataset.inserted });
  });
  form.dataset.ready = "";
  return editor;
}
