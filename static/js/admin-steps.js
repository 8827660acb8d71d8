// In a list [data-steps] of what lacks before this can be published, or of what was refused: marks each line of which the
// field was filled in since, and counts the others in its [role=status]. Only what was empty can be filled in; whether
// it is right, the server judges.
for (const list of document.querySelectorAll("[data-steps]")) {
  const form = document.querySelector("#content-main form[id$=_form]");
  const status = list.querySelector("[role=status]");
  const [before, after] = status?.textContent.split(/\d+ stap(?:pen)?/) ?? [];
  const typed = ":is(input, select, textarea)[name]:not([type=hidden], [name*=__prefix__], [name$=-DELETE])";
  const holds = ({ type, checked, value }) => (/checkbox|radio/.test(type) ? checked : value.trim() !== "");
  const filled = (place) => [place, ...place.querySelectorAll("*")].some((each) => each.matches(typed) && holds(each));
  // A step ‘met een sector, of met ‘sector onbekend’’ names the box that will do as well.
  const named = (sentence) =>
    [...form.querySelectorAll("input[type=checkbox]")].filter(({ labels: [label] }) =>
      label && sentence.includes(`of met ‘${label.textContent.trim().toLowerCase()}’`));

  const steps = [...list.querySelectorAll("li")].map((item) => {
    const place = document.getElementById(item.querySelector("a")?.hash.slice(1));
    const places = place && !filled(place) ? [place, ...named(item.textContent)] : [];
    const mark = Object.assign(document.createElement("span"), { textContent: " ✓ ingevuld", hidden: true });
    item.append(mark);
    return { mark, places };
  });
  const count = () => {
    for (const { mark, places } of steps) mark.hidden = !places.some(filled);
    const left = steps.filter(({ mark }) => mark.hidden).length;
    const said = left
      ? `${before}${left} ${left === 1 ? "stap" : "stappen"}${after}`
      : "Alles hieronder is ingevuld. Bij het versturen kijkt het portaal het nog na.";
    if (status && status.textContent !== said) status.textContent = said; // else it would be read out again
  };
  // Fields that are chosen from a list tell it by jQuery only.
  window.django?.jQuery(form).on("change formset:removed", count);
  addEventListener("pageshow", count); // the browser may have filled in again what was typed before
}
