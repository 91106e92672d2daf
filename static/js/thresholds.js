// Dragging a threshold along its curve: it moves the number in the form, which asks anew.

const numbers = (text) => text.split(" ").map(Number);

const follow = (part) => {
  const curve = part.querySelector("[data-curve]");
  const input = part.querySelector("input");
  if (!curve || !input) return;
  const drawing = curve.querySelector("svg");
  const mark = curve.querySelector("[data-curve-chosen]");
  const thresholds = numbers(curve.dataset.thresholds);
  const places = numbers(curve.dataset.places);
  const least = Number(curve.dataset.least);
  // the strictest comes first; a looser one than is certified cannot be dragged to
  const last = Math.max(thresholds.findLastIndex((threshold) => threshold >= least), 0);

  curve.querySelector("[data-curve-hint]").removeAttribute("hidden");

  const move = (place) => {
    mark.removeAttribute("hidden");
    mark.setAttribute("transform", `translate(${place} 0)`);
  };

  const drag = (event) => {
    const x = new DOMPoint(event.clientX, 0).matrixTransform(drawing.getScreenCTM().inverse()).x;
    let nearest = 0;
    for (let at = 1; at <= last; at += 1) {
      if (Math.abs(places[at] - x) < Math.abs(places[nearest] - x)) nearest = at;
    }
    move(places[nearest]);
    if (Number(input.value) === thresholds[nearest]) return;
    input.value = String(thresholds[nearest]);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  drawing.addEventListener("pointerdown", (event) => {
    drawing.setPointerCapture(event.pointerId);
    drag(event);
  });
  drawing.addEventListener("pointermove", (event) => {
    if (drawing.hasPointerCapture(event.pointerId)) drag(event);
  });
  input.addEventListener("input", () => {
    if (!input.value) return;
    const covered = thresholds.findLastIndex((threshold) => threshold >= Number(input.value));
    move(covered < 0 ? places[0] : places[covered]);
  });
};

document.querySelectorAll("[data-threshold]").forEach(follow);
