// How good a new password is, in words under the field; the words come from the page.
const LONG = 16, DECENT = 12;

function level(text, least) {
  const variety = new Set(text).size;
  if (text.length < least) return 0;
  if (text.length >= LONG && variety >= 8) return 3;
  return text.length >= DECENT && variety >= 6 ? 2 : 1;
}

for (const field of document.querySelectorAll("[data-strength]")) {
  const words = field.dataset.strength.split("|");
  const note = document.createElement("p");
  note.className = "strength";
  note.setAttribute("role", "status");
  field.closest(".field").append(note);
  field.addEventListener("input", () => {
    const found = level(field.value, field.minLength);
    note.textContent = field.value ? words[found] : "";
    note.dataset.level = found;
  });
}
