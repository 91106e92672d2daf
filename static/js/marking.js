// Marking where: boxes on a picture, each with a class, drawn, moved, sized and removed by
// pointer, finger or key. They go with the answer. Without this the answer has no place.

const SVG = "http://www.w3.org/2000/svg";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CORNERS = [[0, 0], [1, 0], [0, 1], [1, 1]];
const [STEP_PX, LEAST_PX, LEAST, MOST] = [8, 8, 0.004, 50];

const bench = () => document.querySelector("[data-bench]");
const sheet = () => document.querySelector("[data-marks]");
const marks = () => [...(sheet()?.querySelectorAll("[data-mark]") ?? [])];
const classes = () => bench().querySelector("[data-mark-class]");
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

let chosen = null;
let gesture = null; // what the pointer does: to which mark, from where, and what it was

// Where the picture is on the screen, however near and wherever it is looked at.
const screen = () => {
  const box = sheet().getBoundingClientRect();
  const { width, height } = sheet().viewBox.baseVal;
  const scale = Math.min(box.width / width, box.height / height);
  const [wide, high] = [width * scale, height * scale];
  return { x: box.x + (box.width - wide) / 2, y: box.y + (box.height - high) / 2, wide, high };
};
const placeAt = ({ clientX, clientY }) => {
  const { x, y, wide, high } = screen();
  return { x: clamp((clientX - x) / wide, 0, 1), y: clamp((clientY - y) / high, 0, 1) };
};

const boxOf = (mark) => JSON.parse(mark.dataset.box);

const store = () => {
  const field = bench().querySelector("[data-boxes-field]");
  if (!field) return;
  field.disabled = false;
  field.value = marks().length ? `[${marks().map((mark) => mark.dataset.box)}]` : "";
};

const name = (mark) => {
  const option = [...classes().options].find(({ value }) => value === boxOf(mark).class);
  const words = `${sheet().dataset.word} ${marks().indexOf(mark) + 1}: ${option?.text ?? "?"}`;
  mark.setAttribute("aria-label", words);
  mark.querySelector("text").textContent = option?.text ?? "?";
  return words;
};

const choose = (mark) => {
  chosen?.removeAttribute("data-chosen");
  chosen = mark;
  chosen?.setAttribute("data-chosen", "");
  if (chosen) classes().value = boxOf(chosen).class;
  bench().querySelector("[data-mark-act=remove]").disabled = !chosen;
  bench().querySelector("[data-mark-now]").textContent = chosen ? name(chosen) : "";
};

const put = (mark, box) => {
  const { width, height } = sheet().viewBox.baseVal;
  const five = (value) => Number(value.toFixed(5));
  const sized = { ...box, width: clamp(box.width, LEAST, 1), height: clamp(box.height, LEAST, 1) };
  sized.x = clamp(box.x, 0, 1 - sized.width);
  sized.y = clamp(box.y, 0, 1 - sized.height);
  for (const side of ["x", "y", "width", "height"]) sized[side] = five(sized[side]);
  mark.dataset.box = JSON.stringify(sized);
  const [x, y] = [sized.x * width, sized.y * height];
  const [wide, high] = [sized.width * width, sized.height * height];
  const [rect, text] = [mark.querySelector("rect"), mark.querySelector("text")];
  for (const [side, value] of Object.entries({ x, y, width: wide, height: high }))
    rect.setAttribute(side, value);
  text.setAttribute("x", x);
  text.setAttribute("y", y);
  mark.querySelectorAll("circle").forEach((circle, i) => {
    circle.setAttribute("cx", x + wide * CORNERS[i >> 1][0]);
    circle.setAttribute("cy", y + high * CORNERS[i >> 1][1]);
  });
  name(mark);
  store();
};

const add = (box) => {
  if (marks().length >= MOST) return null;
  const mark = document.createElementNS(SVG, "g");
  mark.setAttribute("role", "button");
  mark.setAttribute("tabindex", "0");
  mark.setAttribute("data-mark", "");
  mark.append(...["rect", "text"].map((kind) => document.createElementNS(SVG, kind)));
  CORNERS.forEach((_corner, i) => {
    // a small one to be seen, a large one for fingers
    for (const part of ["seen", "touched"]) {
      const circle = document.createElementNS(SVG, "circle");
      circle.setAttribute("class", `mark-${part}`);
      circle.dataset.corner = i;
      mark.append(circle);
    }
  });
  mark.dataset.box = JSON.stringify(box);
  sheet().append(mark);
  put(mark, box);
  return mark;
};

const remove = (mark) => {
  mark.remove();
  if (chosen === mark) choose(null);
  marks().forEach(name);
  store();
};

const leave = () => {
  choose(null);
  document.querySelector("[data-focus]").focus({ preventScroll: true });
};

// A corner that is drawn over the one across changes places with it.
const span = (one, other) => ({
  x: Math.min(one.x, other.x),
  y: Math.min(one.y, other.y),
  width: Math.abs(one.x - other.x),
  height: Math.abs(one.y - other.y),
});

const undoGesture = () => {
  if (gesture?.was) put(gesture.mark, gesture.was);
  else if (gesture?.mark) remove(gesture.mark);
  gesture = null;
};

document.addEventListener("pointerdown", (event) => {
  const isOn = event.target.closest("[data-marks]");
  if (!event.isPrimary) return undoGesture(); // two fingers look closer
  if (!isOn || event.button || event.target.closest("[data-grabbed]")) return;
  event.preventDefault();
  const mark = event.target.closest("[data-mark]");
  const from = placeAt(event);
  const corner = event.target.dataset.corner;
  if (!mark) {
    choose(null);
    gesture = { from, mark: null, across: from };
    return;
  }
  mark.focus({ preventScroll: true });
  const was = boxOf(mark);
  const [right, below] = CORNERS[corner ?? 0];
  const across = { x: was.x + (right ? 0 : was.width), y: was.y + (below ? 0 : was.height) };
  gesture = { mark, from, was, across: corner === undefined ? null : across };
});
document.addEventListener("pointermove", (event) => {
  if (!gesture || !event.isPrimary) return;
  const now = placeAt(event);
  const { from, was, across } = gesture;
  if (!gesture.mark) {
    const { wide, high } = screen();
    const moved = Math.hypot((now.x - from.x) * wide, (now.y - from.y) * high);
    if (moved < LEAST_PX) return;
    gesture.mark = add({ class: classes().value, ...span(from, now) });
    choose(gesture.mark);
  }
  if (!gesture.mark) return;
  const kept = boxOf(gesture.mark);
  if (across) put(gesture.mark, { ...kept, ...span(across, now) });
  else put(gesture.mark, { ...was, x: was.x + now.x - from.x, y: was.y + now.y - from.y });
});
document.addEventListener("pointerup", ({ isPrimary }) => isPrimary && (gesture = null));
document.addEventListener("pointercancel", undoGesture);
document.addEventListener("focusin", ({ target }) => {
  const mark = target.closest("[data-mark]");
  if (mark) choose(mark);
});

const ACTS = {
  add: () => {
    const frame = sheet().closest("[data-frame]").getBoundingClientRect();
    const corner = (share) =>
      placeAt({ clientX: frame.x + frame.width * share, clientY: frame.y + frame.height * share });
    add({ class: classes().value, ...span(corner(0.4), corner(0.6)) })?.focus({ preventScroll: true });
  },
  remove: () => {
    if (chosen) remove(chosen);
    leave();
  },
};
document.addEventListener("click", ({ target }) => ACTS[target.closest("[data-mark-act]")?.dataset.markAct]?.());
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-mark-class]")) return;
  if (chosen) put(chosen, { ...boxOf(chosen), class: target.value });
  if (chosen) choose(chosen);
  target.blur();
});

// The keys of a mark that has the focus come before those that answer.
const press = (event) => {
  const mark = event.target.closest("[data-mark]");
  if (!mark || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = boxOf(mark);
  const option = [...classes().options].find(({ dataset }) => dataset.key === event.key.toLowerCase());
  if (ARROWS[event.key]) {
    const { wide, high } = screen();
    const [dx, dy] = [(ARROWS[event.key][0] * STEP_PX) / wide, (ARROWS[event.key][1] * STEP_PX) / high];
    const isSized = event.shiftKey;
    const changed = isSized
      ? { width: Math.min(box.width + dx, 1 - box.x), height: Math.min(box.height + dy, 1 - box.y) }
      : { x: box.x + dx, y: box.y + dy };
    put(mark, { ...box, ...changed });
  } else if (event.key === "Delete" || event.key === "Backspace") ACTS.remove();
  else if (event.key === "Escape" || event.key === "Enter") leave();
  else if (option) {
    put(mark, { ...box, class: option.value });
    choose(mark);
  } else return;
  event.preventDefault();
  event.stopPropagation();
};
document.addEventListener("keydown", press, { capture: true });

// An item that is shown again has its marks; a new one has those of the answer before.
const begin = () => {
  if (!sheet()) return;
  choose(null);
  gesture = null;
  const { boxes } = sheet().dataset;
  delete sheet().dataset.boxes;
  for (const box of JSON.parse(boxes ?? "[]")) add(box);
  store();
};
document.addEventListener("bench:shown", begin);
begin();
