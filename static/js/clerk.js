// Clerk's script proves who is signed in there, and the proof goes to the server; without it the links lead the same way.
const form = document.querySelector("[data-clerk]");
const status = document.querySelector("[data-clerk-status]");
const clerk = window.Clerk;

if (form && clerk) {
  status.textContent = status.dataset.looking;
  status.hidden = false;
  try {
    await clerk.load();
    form.elements.token.value = (await clerk.session?.getToken()) ?? "";
    if (form.elements.token.value) form.submit();
    else status.hidden = true;
  } catch (error) {
    status.hidden = true;
    console.warn(error);
  }
}
