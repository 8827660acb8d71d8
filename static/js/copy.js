// A button [data-copy] that copies the address of the page, shown where the browser can do that. Its place is kept: nothing moves.
for (const button of document.querySelectorAll("[data-copy]")) {
  const said = button.nextElementSibling;
  said.setAttribute("role", "status"); // there before anything is said in it
  if (navigator.clipboard) button.dataset.copy = "ready";
  button.addEventListener("click", async () => {
    said.textContent = "";
    try {
      await navigator.clipboard.writeText(document.querySelector("link[rel=canonical]")?.href ?? location.href);
      said.textContent = "Link gekopieerd";
    } catch {
      said.textContent = "Kopiëren lukt niet. Neem de link uit de adresbalk over.";
    }
  });
}
