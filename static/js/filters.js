// Back to a list: the boxes say again what the list shows, and not what was ticked and never sent.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.filters-form")) form.reset();
});
