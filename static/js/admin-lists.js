// A list of choices closes when the mouse goes down elsewhere, and select2 then focuses its field. Without this the page
// jumps to that field, and what was pressed is no longer under the mouse when it goes up: the click is lost.
{
  let place = null;
  const remember = () => {
    place = document.querySelector(".select2-container--open") && { left: scrollX, top: scrollY, behavior: "instant" };
  };
  addEventListener("mousedown", remember, true);
  addEventListener("mousedown", () => place && scrollTo(place));
}
