// The button that imports says how many rows that is, while choices are made. The server counts again.
addEventListener("load", () => {
  const form = document.querySelector("form[data-choices]");
  const buttons = form ? form.querySelectorAll("[name=_store]") : [];
  if (!buttons.length) return;
  const choices = [...form.querySelectorAll("select[name^=keuze-]")];
  const count = () => choices.filter((choice) => choice.value !== "overslaan").length;
  const total = form.elements.aantal;
  const elsewhere = Number(total.value) - choices.filter((choice) => choice.dataset.chosen).length; // on other pages
  const say = () => {
    total.value = elsewhere + count();
    const rows = `${Number(total.value).toLocaleString("nl")} ${total.value === "1" ? "rij" : "rijen"}`;
    for (const button of buttons) button.value = button.value.replace(/[0-9.]+ rij(en)?/, rows);
  };
  form.addEventListener("change", say);
  addEventListener("pageshow", say); // a browser that comes back keeps what was chosen
});
