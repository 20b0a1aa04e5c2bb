// The server greets by UTC; this browser knows its own hour.
const title = document.querySelector("[data-greeting]");
if (title) {
  const words = title.dataset.greeting.split("|");
  const hour = new Date().getHours();
  title.textContent = hour >= 5 && hour < 12 ? words[0] : hour >= 12 && hour < 18 ? words[1] : words[2];
}
