// A button [data-choose] in a hint, the name of a list of choices in the form: chooses [data-value], called [data-label].
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-choose]");
  const hint = button?.closest(".writing-hint");
  const list = document.getElementById(`id_${button?.dataset.choose}`);
  if (!hint || !list) return;
  const { value, label } = button.dataset;
  const there = [...list.options].find((option) => option.value === value);
  if (there) there.selected = true;
  else list.add(new Option(label, value, true, true));
  document.getElementById(hint.id.replace(/_hint$/, ""))?.focus(); // the button goes
  hint.textContent = `${label} is gekozen.`;
  list.dispatchEvent(new Event("change", { bubbles: true }));
});
