// What select2 draws in the place of a list of choices has no name: it gets the one of that list.
{
  const $ = window.django?.jQuery;
  const name = (root) => {
    for (const list of root.querySelectorAll("select.select2-hidden-accessible")) {
      const label = list.labels[0];
      const drawn = list.nextElementSibling;
      if (!label || !drawn) continue;
      label.id ||= `${list.id}_label`;
      const shown = drawn.querySelector(".select2-selection__rendered");
      const field = drawn.querySelector("[role=combobox]");
      field.setAttribute("aria-labelledby", shown.id ? `${label.id} ${shown.id}` : label.id);
      drawn.querySelector("[role=textbox], input[type=search]")?.setAttribute("aria-labelledby", label.id);
    }
  };

  // Django's own script draws them at these moments, and was there before this one.
  $?.(() => name(document));
  document.addEventListener("formset:added", ({ target }) => name(target));
  $?.(document).on("select2:open", ({ target }) => {
    const drawn = target.nextElementSibling.querySelector("[role=combobox]");
    drawn.setAttribute("aria-controls", drawn.getAttribute("aria-owns"));
    const field = document.querySelector(".select2-container--open .select2-dropdown input[type=search]");
    field?.setAttribute("aria-labelledby", target.labels[0]?.id);
  });
}
