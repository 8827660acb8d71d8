// Above the list of sources: paste an address, and there is a row with that address and its publisher. Nothing is fetched.
{
  const group = document.getElementById("sources-group");
  const rows = () => [...(group?.querySelectorAll(".inline-related:not(.empty-form)") ?? [])];
  const cell = (row, name) => row?.querySelector(`[name^="sources-"][name$="-${name}"]`);
  const addressed = (text) => {
    try {
      const url = new URL(/^[a-z]+:/i.test(text) ? text : `https://${text}`);
      return /^https?:$/.test(url.protocol) && url.hostname.includes(".") ? url : null;
    } catch {
      return null;
    }
  };
  const same = (one, other) => one.href.split("#")[0].replace(/\/$/, "") === other?.href.split("#")[0].replace(/\/$/, "");

  if (group?.querySelector(".empty-form")) {
    const bar = document.createElement("div");
    bar.className = "source-paste";
    bar.innerHTML = `
      <label for="source-paste">Plak een webadres</label>
      <input type="url" id="source-paste" class="vURLField" aria-describedby="source-paste-said">
      <button type="button" class="button">Bron toevoegen</button>
      <p id="source-paste-said" role="status"></p>`;
    group.querySelector(".inline-related").before(bar);
    const [input, button, said] = ["input", "button", "p"].map((tag) => bar.querySelector(tag));

    const add = () => {
      const text = input.value.trim();
      const url = addressed(text);
      said.textContent = text && !url ? "Dit is geen webadres. Een webadres begint met https://." : "";
      if (!url) return;
      const at = rows().findIndex((row) => same(url, addressed(cell(row, "url")?.value)));
      if (at >= 0) {
        said.textContent = `Dit adres staat er al, bij bron ${at + 1}.`;
        return;
      }
      const empty = (row) => cell(row, "url") && ["title", "publisher", "url"].every((name) => !cell(row, name).value);
      if (!rows().some(empty)) group.querySelector(".add-row a")?.click();
      const row = rows().find(empty);
      if (!row) return;
      cell(row, "url").value = url.href;
      cell(row, "publisher").value = url.hostname.replace(/^www\./, "");
      input.value = "";
      said.textContent = "De bron staat in de lijst. Vul de titel nog in.";
      cell(row, "title").focus();
    };
    button.addEventListener("click", add);
    input.addEventListener("paste", () => setTimeout(add)); // once what is pasted is there
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault(); // it would save the whole form
      add();
    });
  }
}
