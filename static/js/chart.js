// Read-out of a line or bar chart under the pointer; its figures are those of the table below the plot.
function read(figure) {
  const heads = [...figure.querySelectorAll("thead th")].slice(1);
  const rows = [...figure.querySelectorAll("tbody tr")].map((row) => ({
    label: row.firstElementChild.textContent,
    cells: [...row.querySelectorAll("td")].map((cell) => cell.textContent),
  }));
  return { heads: heads.map((head) => ({ name: head.textContent, hue: head.dataset.hue })), rows };
}

function line(head, value) {
  const row = document.createElement("p");
  const dot = Object.assign(document.createElement("span"), { className: `dot dot-${head.hue}` });
  row.append(dot, head.name, Object.assign(document.createElement("strong"), { textContent: value }));
  return row;
}

function attach(figure) {
  const svg = figure.querySelector(".chart-svg");
  const tip = figure.querySelector(".chart-tip");
  const cursor = figure.querySelector(".chart-cursor");
  const data = read(figure);
  const bars = figure.dataset.chart === "bars";
  let shown = -1;
  const hide = () => {
    tip.hidden = true;
    cursor.setAttribute("visibility", "hidden");
    shown = -1;
  };
  svg.parentElement.addEventListener("pointerleave", hide);
  svg.parentElement.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const end = data.rows.length - 1;
    if (end < 1) return;
    const at = (event.clientX - box.left) / box.width;
    const index = Math.max(0, Math.min(end, bars ? Math.floor(at * (end + 1)) : Math.round(at * end)));
    if (index === shown) return;
    shown = index;
    const { label, cells } = data.rows[index];
    tip.replaceChildren(
      Object.assign(document.createElement("strong"), { textContent: label }),
      ...data.heads.map((head, at) => line(head, cells[at])),
    );
    tip.hidden = false;
    const place = bars ? (index + 0.5) / (end + 1) : index / end;
    const x = place * box.width;
    const left = x + 12 + tip.offsetWidth > box.width ? x - 12 - tip.offsetWidth : x + 12;
    tip.style.transform = `translateX(${Math.max(0, left)}px)`;
    for (const side of ["x1", "x2"]) cursor.setAttribute(side, place * 1000);
    cursor.setAttribute("visibility", "visible");
  });
}

function find(root) {
  for (const figure of root.querySelectorAll?.("[data-chart]:not([data-ready])") ?? []) {
    figure.dataset.ready = "";
    attach(figure);
  }
}

find(document);
document.addEventListener("htmx:load", (event) => find(event.detail.elt));
