// Somebody who is signed in at Clerk need not press anything: its script proves it, and the proof goes to the server.
const form = document.querySelector("form[data-clerk]");
const status = document.querySelector("[data-clerk-status]");

async function prove() {
  const clerk = window.Clerk;
  // Without Clerk's script (blocked, or away) the links on the page lead the same way.
  if (!clerk) return;
  status.textContent = status.dataset.looking;
  status.hidden = false;
  try {
    await clerk.load();
    const token = await clerk.session?.getToken();
    if (token) {
      form.elements.token.value = token;
      form.submit();
      return;
    }
  } catch (error) {
    console.warn("Clerk did not answer.", error);
  }
  status.hidden = true;
}

if (form && status) prove();
