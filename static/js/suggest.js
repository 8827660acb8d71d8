/* Suggestions under input[data-suggest], the address that gives them: the ARIA combobox with list autocomplete.
   The form works as ever; an option is followed when it was chosen with the arrow keys or pointed at. */
"use strict";

document.querySelectorAll("input[data-suggest]").forEach((input, number) => {
  // A list page shows only its own rows in <main>: there the suggestions stand at the end of the page.
  const host = input.closest(".filters") ? document.body : input.form;
  const list = make("ul", { className: "suggest", id: `suggesties-${number}`, role: "listbox", hidden: true });
  list.setAttribute("aria-label", "Suggesties");
  const said = make("p", { className: "visually-hidden", role: "status" });
  host.append(list, said);
  const combobox = { role: "combobox", "aria-controls": list.id, "aria-autocomplete": "list", autocomplete: "off" };
  for (const [name, value] of Object.entries({ ...combobox, "aria-expanded": "false" })) {
    input.setAttribute(name, value);
  }

  let timer, asking, active = -1;

  function make(tag, properties) {
    return Object.assign(document.createElement(tag), properties);
  }

  function activate(at) {
    active = at;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  function forget() {
    clearTimeout(timer);
    asking?.abort();
  }

  function close() {
    forget();
    list.hidden = true;
    said.textContent = "";
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  function place() {
    if (list.hidden) return;
    const [box, form, origin] = [input, input.form, list.offsetParent].map((each) => each.getBoundingClientRect());
    list.style.top = `${box.bottom - origin.top}px`;
    list.style.left = `${box.left - origin.left}px`;
    list.style.width = `${form.right - box.left}px`;
  }

  function show(suggestions) {
    list.replaceChildren(...suggestions.map(({ label, kind, url }, at) => {
      const option = make("li", { className: "suggest-option", id: `${list.id}-${at}`, role: "option" });
      const texts = { "suggest-label": label, "suggest-kind": kind };
      const spans = Object.entries(texts).map(([className, textContent]) => make("span", { className, textContent }));
      option.append(spans[0], " ", spans[1]);
      option.dataset.url = url;
      return option;
    }));
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    activate(-1);
    place();
    const count = suggestions.length || "geen";
    said.textContent = `${count} ${count === 1 ? "suggestie" : "suggesties"}`;
  }

  function ask() {
    forget();
    const text = input.value.trim();
    if (text.length < 2) return close();
    timer = setTimeout(async () => {
      asking = new AbortController();
      const { signal } = asking;
      try {
        const response = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal });
        const { suggestions } = await response.json();
        if (!signal.aborted && document.activeElement === input) show(suggestions);
      } catch {
        if (!signal.aborted) close(); // no answer, no suggestions: the form itself still works
      }
    }, 150);
  }

  function follow(option) {
    close();
    if (option.dataset.url.startsWith("/")) location.assign(option.dataset.url);
  }

  input.addEventListener("input", ask);
  input.addEventListener("blur", close);
  input.form.addEventListener("submit", close);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key in steps) {
      event.preventDefault();
      if (list.hidden) return ask();
      // One place more than there are options: the input itself, between the last and the first.
      const places = list.children.length + 1;
      activate(((active + 1 + steps[event.key] + places) % places) - 1);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      follow(list.children[active]);
    } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) {
      activate(-1);
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) follow(option);
  });
  addEventListener("resize", place);
});
