// Keywords as tags. The text field with commas stays the value that is sent; tags are another view of it.
function enhance(field) {
  const max = Number(field.dataset.max || 10);
  const longest = Number(field.dataset.maxChars || 100);
  const box = Object.assign(document.createElement("div"), { className: "tag-input" });
  const input = Object.assign(document.createElement("input"), { type: "text", id: field.id, maxLength: longest, autocomplete: "off", placeholder: field.placeholder });
  const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`)?.textContent ?? field.name;
  for (const name of ["aria-describedby", "aria-invalid"]) if (field.hasAttribute(name)) input.setAttribute(name, field.getAttribute(name));
  input.setAttribute("aria-label", label);
  let words = [];

  function draw() {
    field.value = words.join(", ");
    box.querySelectorAll(".tag").forEach((tag) => tag.remove());
    for (const word of words) {
      const tag = Object.assign(document.createElement("span"), { className: "tag" });
      const button = Object.assign(document.createElement("button"), { type: "button", className: "icon-button", textContent: "×" });
      button.setAttribute("aria-label", `${field.dataset.remove ?? "Remove"} ${word}`);
      button.addEventListener("click", () => { words = words.filter((other) => other !== word); draw(); input.focus(); });
      tag.append(Object.assign(document.createElement("span"), { textContent: word }), button);
      input.before(tag);
    }
    input.hidden = words.length >= max;
    input.placeholder = words.length ? "" : field.placeholder;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function add(text) {
    for (const part of text.split(/[,\n\t]/)) {
      const word = part.trim().replace(/\s+/g, " ").slice(0, longest);
      const known = words.some((other) => other.toLowerCase() === word.toLowerCase());
      if (word && !known && words.length < max) words.push(word);
    }
    input.value = "";
    draw();
  }

  input.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === ",") && input.value.trim() && !event.isComposing) {
      event.preventDefault();
      add(input.value);
    } else if (event.key === "Backspace" && !input.value && words.length) {
      words.pop();
      draw();
    }
  });
  input.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!/[,\n\t]/.test(text)) return;
    event.preventDefault();
    add(input.value + text);
  });
  input.addEventListener("blur", () => input.value.trim() && add(input.value));
  box.addEventListener("click", (event) => event.target === box && input.focus());
  field.form?.addEventListener("submit", () => input.value.trim() && add(input.value), true);
  box.append(input);
  field.removeAttribute("id");
  field.removeAttribute("required");
  field.type = "hidden";
  field.before(box);
  const focused = document.activeElement === field;
  add(field.value);
  if (focused || field.autofocus) input.focus();
}

function find(root) {
  for (const field of root.querySelectorAll?.("input[data-tags]:not([data-ready])") ?? []) {
    field.dataset.ready = "";
    enhance(field);
  }
}

find(document);
document.addEventListener("htmx:load", (event) => find(event.detail.elt));
