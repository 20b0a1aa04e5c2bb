// The page of one download: lines and chapters move the player, the player marks its line, ticked lines fill the clip.
const player = () => document.querySelector("[data-player] :is(video, audio)");
const seconds = (text) => text.trim().replace(",", ".").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

const clock = (value) => {
  const tenths = Math.round(value * 10), whole = Math.floor(tenths / 10), tenth = tenths % 10;
  const [hours, minutes, left] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(left)}${tenth ? `.${tenth}` : ""}`;
};

const fields = () => {
  const form = document.querySelector("[data-clip]");
  return form && { form, start: form.elements.start, end: form.elements.end, said: form.querySelector("[data-length]") };
};

// The length is said as soon as both ends make sense.
const sayLength = () => {
  const clip = fields();
  if (!clip) return;
  const length = seconds(clip.end.value || "x") - seconds(clip.start.value || "x");
  clip.said.textContent = length > 0 ? `${clock(length)} long` : "";
};

const fill = (start, end) => {
  const clip = fields();
  if (!clip) return;
  if (start !== null) clip.start.value = clock(start);
  if (end !== null) clip.end.value = clock(end);
  sayLength();
};

// From the first to the last ticked line: those between them are marked, since they are in the clip too.
const takeLines = () => {
  const lines = [...document.querySelectorAll("[data-lines] > li")];
  const ticked = lines.filter((line) => line.querySelector("input:checked"));
  const [first, last] = [lines.indexOf(ticked[0]), lines.indexOf(ticked.at(-1))];
  lines.forEach((line, place) => line.toggleAttribute("data-in", ticked.length > 0 && place >= first && place <= last));
  if (ticked.length) fill(Number(ticked[0].dataset.start), Math.max(...ticked.map((line) => Number(line.dataset.end))));
};

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-seek]");
  const media = player();
  if (link && media && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    media.currentTime = Number(link.dataset.seek);
    media.play().catch(() => {});
  }
  const mark = event.target.closest?.("[data-mark]")?.dataset.mark;
  if (mark && media) fill(mark === "start" ? media.currentTime : null, mark === "end" ? media.currentTime : null);
});

document.addEventListener("change", (event) => { if (event.target.matches?.("[data-lines] input")) takeLines(); });
document.addEventListener("input", (event) => { if (event.target.closest?.("[data-clip]")) sayLength(); });

// c switches the captions on, then through the languages, then off.
document.addEventListener("keydown", (event) => {
  const free = event.target === document.body || event.target.closest?.("[data-player]");
  if (event.key !== "c" || !free || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const tracks = [...(player()?.textTracks ?? [])];
  if (!tracks.length) return;
  event.preventDefault();
  const next = tracks.findIndex((track) => track.mode === "showing") + 1;
  tracks.forEach((track, place) => { track.mode = place === next ? "showing" : "disabled"; });
});

// The line that is being said is marked, and kept in view unless somebody is looking elsewhere in the list.
const follow = (event) => {
  const list = document.querySelector("[data-lines]");
  if (!list || event.target !== player()) return;
  const now = event.target.currentTime;
  const line = [...list.children].findLast((one) => Number(one.dataset.start) <= now + 0.05 && now < Number(one.dataset.end));
  const before = list.querySelector("[data-now]");
  if (line === before || !line) return;
  before?.removeAttribute("data-now");
  line.setAttribute("data-now", "");
  if (!list.matches(":hover, :focus-within")) list.scrollTo({ top: line.offsetTop - list.clientHeight / 3 });
};
document.addEventListener("timeupdate", follow, true);
document.addEventListener("seeked", follow, true);

const ready = () => { for (const button of document.querySelectorAll("[data-mark]")) button.hidden = !player(); };
document.addEventListener("htmx:afterSettle", () => { ready(); takeLines(); });
ready();
// A link to a moment (#t=12) opens there.
const moment = /^#t=(\d+(\.\d+)?)$/.exec(location.hash);
if (moment && player()) player().currentTime = Number(moment[1]);
