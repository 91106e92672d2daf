// Looking at a picture: closer, moved, lighter, and beside the golden sample. A view stays
// from item to item, and goes with the answer. Without this the picture is shown whole.

const AS_IT_IS = { zoom: 1, x: 0.5, y: 0.5, brightness: 1, contrast: 1, inverted: false };
const [FARTHEST, CLOSEST, STEP] = [0.02, 64, 1.5];
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const OWN_KEYS = "input, select, textarea, button, a, summary, audio";
const SHARP_AFTER_MS = 150;
const PIXELS_FROM = 3; // from so many screen pixels on each picture's pixel is shown

const bench = () => document.querySelector("[data-bench]");
const frames = () => [...document.querySelectorAll("[data-frame]")].filter((f) => f.clientWidth);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const sight = { ...AS_IT_IS, ...JSON.parse(bench().dataset.sight || "{}") };
const down = new Map(); // fingers and buttons on the picture, each where it was last
let [cursor, tone, isSpace, isBeside] = [null, null, false, false];
let [asked, sharpening] = [0, 0];

// Where the picture lies in its frame while it just fits: the same as object-fit does.
const layOut = (frame) => {
  const picture = frame.querySelector("img");
  const [wide, high] = [frame.clientWidth, frame.clientHeight];
  const width = Number(picture.getAttribute("width")) || picture.naturalWidth;
  const height = Number(picture.getAttribute("height")) || picture.naturalHeight;
  const fit = Math.min(wide / width, high / height);
  return { wide, high, fit, width: width * fit, height: height * fit };
};

const paint = () => {
  asked = 0;
  for (const frame of frames()) {
    const { wide, high, fit, width, height } = layOut(frame);
    if (!width) continue;
    const picture = frame.querySelector("img");
    const stage = frame.querySelector("[data-stage]");
    const left = wide / 2 - sight.zoom * ((wide - width) / 2 + sight.x * width);
    const top = high / 2 - sight.zoom * ((high - height) / 2 + sight.y * height);
    const isWhole = sight.zoom === 1;
    stage.style.transform = isWhole ? "" : `translate(${left}px, ${top}px) scale(${sight.zoom})`;
    stage.style.setProperty("--unit", 1 / (sight.zoom * fit)); // of the picture's pixels
    const isPlain = sight.brightness === 1 && sight.contrast === 1 && !sight.inverted;
    const filter = `brightness(${sight.brightness}) contrast(${sight.contrast})`;
    picture.style.filter = isPlain ? "" : filter + (sight.inverted ? " invert(1)" : "");
    picture.toggleAttribute("data-pixels", sight.zoom * fit >= PIXELS_FROM);
  }
};

// While it moves it is a layer of its own; it is drawn sharp when it has come to rest.
const askToPaint = () => {
  for (const frame of frames()) frame.setAttribute("data-moving", "");
  clearTimeout(sharpening);
  sharpening = setTimeout(() => {
    for (const frame of frames()) frame.removeAttribute("data-moving");
  }, SHARP_AFTER_MS);
  asked ||= requestAnimationFrame(paint);
};

const say = (fit) => {
  const part = bench();
  const isAsItIs = Object.keys(AS_IT_IS).every((name) => sight[name] === AS_IT_IS[name]);
  const rounded = (_name, value) => (typeof value === "number" ? Number(value.toFixed(4)) : value);
  const field = part.querySelector("[data-sight-field]");
  field.disabled = false;
  field.value = isAsItIs ? "" : JSON.stringify(sight, rounded);
  for (const slider of part.querySelectorAll("[data-tone]"))
    slider.value = Math.log2(sight[slider.dataset.tone]);
  part.querySelector("[data-look=invert]").setAttribute("aria-pressed", sight.inverted);
  const share = Math.round(sight.zoom * fit * devicePixelRatio * 100);
  part.querySelector("[data-scale]").textContent = `${share} %`;
};

// Keeps the middle where the picture still fills the frame; a small one stands in it.
const inside = (at, shown, whole) => {
  const half = shown / 2 / whole;
  return half >= 0.5 ? 0.5 : clamp(at, half, 1 - half);
};

const look = (changes) => {
  const [frame] = frames();
  if (!frame) return;
  Object.assign(sight, changes);
  const { wide, high, fit, width, height } = layOut(frame);
  sight.x = inside(sight.x, wide, width * sight.zoom);
  sight.y = inside(sight.y, high, height * sight.zoom);
  say(fit);
};

const change = (changes) => {
  look(changes);
  askToPaint();
};

const moveBy = (dx, dy) => {
  const { width, height } = layOut(frames()[0]);
  change({ x: sight.x - dx / width / sight.zoom, y: sight.y - dy / height / sight.zoom });
};

// What lies under the point stays under it.
const zoomTo = (wanted, at) => {
  const frame = frames().find((f) => f.matches(":hover")) ?? frames()[0];
  const { x, y } = frame.getBoundingClientRect();
  const { wide, high, width, height } = layOut(frame);
  const zoom = clamp(wanted, FARTHEST, CLOSEST);
  const [dx, dy] = at ? [at.x - x - wide / 2, at.y - y - high / 2] : [0, 0];
  const less = 1 / sight.zoom - 1 / zoom;
  change({ zoom, x: sight.x + (dx / width) * less, y: sight.y + (dy / height) * less });
};

const setTone = (name, stops) => change({ [name]: 2 ** clamp(stops, -2, 2) });

const putBeside = () => {
  const sample = bench().querySelector("[data-golden]");
  sample?.toggleAttribute("hidden", !isBeside);
  bench().querySelector("[data-look=golden]")?.setAttribute("aria-pressed", isBeside);
};

const ACTS = {
  in: (at) => zoomTo(sight.zoom * STEP, at),
  out: (at) => zoomTo(sight.zoom / STEP, at),
  fit: () => change({ zoom: 1 }),
  actual: (at) => zoomTo(1 / layOut(frames()[0]).fit / devicePixelRatio, at),
  invert: () => change({ inverted: !sight.inverted }),
  reset: () => change(AS_IT_IS),
  golden: () => {
    isBeside = !isBeside;
    putBeside();
    change({});
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-look]");
  if (!button || !frames().length) return;
  event.preventDefault(); // without this module the link opens the picture by itself
  ACTS[button.dataset.look](event.detail ? null : cursor); // a key acts at the cursor
});
document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-tone]")) setTone(target.dataset.tone, Number(target.value));
});

// While a key is held the pointer moves the picture or its tones, and marks nothing.
const grab = () => {
  for (const frame of frames()) frame.toggleAttribute("data-grabbed", isSpace || tone !== null);
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !frames().length) return;
  const isTyping = event.target.closest("input:not([type=range]), textarea, select");
  if (event.defaultPrevented || isTyping) return;
  for (const slider of bench().querySelectorAll("[data-tone]")) {
    if (event.key.toLowerCase() !== slider.dataset.key) continue;
    tone = slider.dataset.tone;
    slider.focus({ preventScroll: true });
    grab();
  }
  if (event.target.closest(OWN_KEYS)) return;
  if (event.key === " ") isSpace = true;
  else if (ARROWS[event.key]) moveBy(...ARROWS[event.key].map((way) => way * 60));
  else return;
  event.preventDefault();
  grab();
});
document.addEventListener("keyup", ({ key }) => {
  if (key === " ") isSpace = false;
  else tone = null;
  grab();
});
addEventListener("blur", () => {
  [tone, isSpace] = [null, false];
  grab();
});

document.addEventListener("pointerdown", (event) => {
  const frame = event.target.closest("[data-frame]");
  if (!frame || event.button > 1) return;
  // where places are marked, one finger or the first button marks
  const isHeld = frame.hasAttribute("data-grabbed") || event.button === 1;
  const marks = frame.querySelector("[data-marks]") && !isHeld;
  down.set(event.pointerId, { x: event.clientX, y: event.clientY, marks });
});
document.addEventListener("pointermove", (event) => {
  const now = { x: event.clientX, y: event.clientY };
  const was = down.get(event.pointerId);
  const before = was ?? cursor;
  if (event.target.closest?.("[data-frame]")) cursor = now;
  if (!before || !frames().length) return;
  const [dx, dy] = [now.x - before.x, now.y - before.y];
  const others = [...down].filter(([id]) => id !== event.pointerId);
  if (was) down.set(event.pointerId, { ...was, ...now });
  if (was && tone) setTone(tone, Math.log2(sight[tone]) + (dx - dy) / 200);
  else if (was && others.length === 1) {
    const [[, other]] = others;
    moveBy(dx / 2, dy / 2);
    const length = (one) => Math.hypot(one.x - other.x, one.y - other.y);
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    zoomTo((sight.zoom * length(now)) / Math.max(length(before), 1), middle);
  } else if ((was && !was.marks) || isSpace) moveBy(dx, dy);
});
for (const name of ["pointerup", "pointercancel"])
  document.addEventListener(name, ({ pointerId }) => down.delete(pointerId));

const turn = (event) => {
  if (!event.target.closest("[data-frame]")) return;
  event.preventDefault();
  const turned = event.deltaMode ? event.deltaY * 16 : event.deltaY;
  if (tone) setTone(tone, Math.log2(sight[tone]) - turned / 500);
  else {
    const at = { x: event.clientX, y: event.clientY };
    zoomTo(sight.zoom * Math.exp(-turned / (event.ctrlKey ? 100 : 400)), at);
  }
};
document.addEventListener("wheel", turn, { passive: false });

// Another item, another size, a sample that has come: the view is the same.
const show = () => {
  if (!frames().length) return;
  for (const frame of frames()) frame.setAttribute("data-live", "");
  putBeside();
  look({});
  paint();
};
document.addEventListener("bench:shown", show);
document.addEventListener("load", ({ target }) => target.closest?.("[data-golden]") && show(), true);
addEventListener("resize", show);
show();
