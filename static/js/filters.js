// Back to a list: the boxes say again what the list shows, and not what was ticked and never sent.
addEventListener("pageshow", ({ persisted }) => {
  for (const form of persisted ? document.querySelectorAll("form.filters-form") : []) form.reset();
});

// After a choice the next page begins where the visitor was: at the same choice, or else at what was found.
{
  let memory;
  try {
    memory = sessionStorage;
  } catch {
    // A browser that may keep nothing begins at the top of the page, as without scripts.
  }
  const nameOf = (link) => link.id || (link.firstElementChild ?? link).textContent;
  const results = document.getElementById("resultaten");
  const last = memory?.getItem("choice");
  memory?.removeItem("choice");

  if (last && results) {
    const links = [...document.querySelectorAll(".filters-form a, .switch a")];
    const again = links.find((link) => nameOf(link) === last);
    again?.closest(".fold")?.setAttribute("open", "");
    again?.focus();
    if (!again || document.activeElement !== again) {
      results.focus({ preventScroll: true });
      document.querySelector("h1").scrollIntoView({ block: "nearest" });
    }
  }

  addEventListener("submit", (event) => {
    if (event.target.matches(".filters-form")) memory?.setItem("choice", "submit");
  });
  addEventListener("click", (event) => {
    const link = event.target.closest(".filters-form a, .chips a, .switch a");
    const stays = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey; // a new tab, or a download
    if (link && !stays) memory?.setItem("choice", nameOf(link));
  });
}
