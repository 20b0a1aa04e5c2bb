// Keys of the player while it or nothing else has the focus: space or k, arrows, m, f.
const players = () => [...document.querySelectorAll("[data-player] :is(video, audio)")];
const STEP = 5;

const does = {
  " ": (media) => (media.paused ? media.play() : media.pause()),
  k: (media) => (media.paused ? media.play() : media.pause()),
  ArrowRight: (media) => { media.currentTime = Math.min(media.duration || 0, media.currentTime + STEP); },
  ArrowLeft: (media) => { media.currentTime = Math.max(0, media.currentTime - STEP); },
  m: (media) => { media.muted = !media.muted; },
  f: (media) => (document.fullscreenElement ? document.exitFullscreen() : media.requestFullscreen?.()),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const inside = event.target.closest?.("[data-player]");
  const free = event.target === document.body;
  if (!inside && !free) return;
  const media = inside?.querySelector("video, audio") ?? players()[0];
  // The element's own controls answer the keys while it has the focus itself.
  if (!media || event.target === media || !(event.key in does)) return;
  event.preventDefault();
  does[event.key](media);
});

// One thing plays at a time.
document.addEventListener("play", (event) => {
  for (const other of players()) if (other !== event.target) other.pause();
}, true);

// Media in a store elsewhere comes by a link that ends after some minutes. The address here stays good: it is asked
// once more, and goes on where it was; a second failure within ten seconds is a real one.
document.addEventListener("error", (event) => {
  const media = event.target;
  if (!players().includes(media) || !media.currentTime || Date.now() - (media.askedAgain ?? 0) < 10_000) return;
  media.askedAgain = Date.now();
  const at = media.currentTime, played = !media.paused;
  media.load();
  media.currentTime = at;
  if (played) media.play().catch(() => {});
}, true);
