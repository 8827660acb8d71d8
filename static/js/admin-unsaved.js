// Leaving a form of the admin with changes that were not saved asks first. A form that was refused is not saved either.
addEventListener("load", () => {
  const form = document.querySelector("body.change-form #content-main > form[method=post], form[data-unsaved]");
  if (!form) return;
  const told = (value) => (value instanceof File ? `${value.name} ${value.size}` : value);
  const state = () => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, told(value)]));
  const refused = document.querySelector(".errornote") !== null;
  const before = state();
  let sent = false;

  form.addEventListener("submit", () => {
    sent = true;
  });
  addEventListener("pageshow", () => {
    sent = false; // back at it
  });
  addEventListener("beforeunload", (event) => {
    if (!sent && (refused || state() !== before)) event.preventDefault();
  });
});
