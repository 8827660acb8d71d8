// Under a field [data-hint], the address that knows something about what is typed: a moment after the typing, what that
// says. [data-hint-with] names the fields beside it that count too. Without an answer the field is as it was.
for (const field of document.querySelectorAll("[data-hint]")) {
  const token = field.form?.elements.csrfmiddlewaretoken?.value;
  const long = field.matches("textarea"); // a long text does not fit in an address
  const beside = (field.dataset.hintWith ?? "").split(" ").map((name) => field.form.elements[name]).filter(Boolean);
  const said = document.getElementById(`${field.id}_hint`) ?? document.createElement("div");
  if (!said.isConnected) {
    said.className = "help writing-hint";
    said.id = `${field.id}_hint`;
    said.setAttribute("aria-live", "polite"); // there before anything is said in it
    (field.closest(".flex-container") ?? field).after(said);
  }
  let timer, asking;

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const url = new URL(field.dataset.hint, location);
    const options = { signal, redirect: "error" }; // who was logged out in between gets no login page under the field
    if (long) {
      const most = field.maxLength > 0 ? field.maxLength : "";
      options.method = "POST";
      options.headers = { "X-CSRFToken": token };
      options.body = new URLSearchParams({ text: field.value, most });
    } else {
      for (const each of [field, ...beside]) {
        const values = each.selectedOptions ? [...each.selectedOptions].map(({ value }) => value) : [each.value];
        for (const value of values) url.searchParams.append(each.name, value);
      }
    }
    try {
      const response = await fetch(url, options);
      const html = response.ok || response.status === 400 ? (await response.text()).trim() : "";
      if (!signal.aborted && said.innerHTML.trim() !== html) said.innerHTML = html; // the server has escaped it
    } catch {
      if (!signal.aborted) said.replaceChildren();
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, long ? 1000 : 400);
  };
  field.addEventListener("input", soon);
  // Fields that are chosen from a list tell it by jQuery only.
  for (const each of beside) window.django?.jQuery(each).on("change", soon);
}
