// Under a text area [data-preview], the address that renders Markdown: a button that shows the text as readers see it.
for (const area of document.querySelectorAll("textarea[data-preview]")) {
  const button = document.createElement("button");
  const shown = document.createElement("div");
  shown.id = `${area.id}_preview`;
  Object.assign(button, { type: "button", className: "button", textContent: "Voorbeeld" });
  Object.assign(shown, { className: "writing-preview", hidden: true, tabIndex: 0 });
  button.setAttribute("aria-controls", shown.id);
  button.setAttribute("aria-expanded", "false");
  shown.setAttribute("role", "region");
  shown.setAttribute("aria-label", `Voorbeeld van ‘${area.labels[0]?.textContent.replace(/:$/, "") ?? "tekst"}’`);
  shown.setAttribute("aria-live", "polite");
  area.parentElement.append(button, shown);

  const show = async () => {
    if (shown.hidden) return;
    try {
      const response = await fetch(area.dataset.preview, {
        method: "POST",
        redirect: "error",
        headers: { "X-CSRFToken": area.form.elements.csrfmiddlewaretoken.value },
        body: new URLSearchParams({ text: area.value }),
      });
      if (!response.ok && response.status !== 400) throw new Error(response.status);
      shown.innerHTML = await response.text(); // the server has cleaned it
    } catch {
      shown.textContent = "Het voorbeeld lukt nu niet. Uw tekst staat er nog. Bent u misschien uitgelogd?";
    }
  };
  button.addEventListener("click", () => {
    shown.hidden = !shown.hidden;
    button.setAttribute("aria-expanded", String(!shown.hidden));
    show();
  });
  area.addEventListener("change", show);
}
