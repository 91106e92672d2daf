// Reading by keyboard: words are found in a text and stepped through, and one value of a
// row after the other is pointed at. What is sought stays from item to item.

const bench = () => document.querySelector("[data-bench]");
const [FOUND, NOW] = ["found", "found-now"]; // as they are named in the style sheet
const MOST = 1000;

let [sought, ranges, at, isShift] = ["", [], -1, false];

// The text may stand in several nodes: a place in the whole is one in one of them.
const nodesOf = (text) => {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const nodes = [];
  for (let start = 0; walker.nextNode(); start += walker.currentNode.length)
    nodes.push({ node: walker.currentNode, start });
  return nodes;
};

const rangeOf = (nodes, from, to) => {
  const holds = (place) => nodes.findLast(({ start }) => start <= place);
  const [first, last] = [holds(from), holds(to - 1)];
  const range = new Range();
  range.setStart(first.node, from - first.start);
  range.setEnd(last.node, to - last.start);
  return range;
};

const search = () => {
  const text = document.querySelector("[data-text]");
  [ranges, at] = [[], -1];
  if (!text || !sought) return;
  // capitals are as good as small letters, where both are as long
  const fold = (words) => words.replace(/./gsu, (c) => (c.toLowerCase().length === c.length ? c.toLowerCase() : c));
  const [whole, words, nodes] = [fold(text.textContent), fold(sought), nodesOf(text)];
  for (let place = whole.indexOf(words); place >= 0 && ranges.length < MOST; ) {
    ranges.push(rangeOf(nodes, place, place + words.length));
    place = whole.indexOf(words, place + words.length);
  }
};

const show = () => {
  const now = ranges[at];
  CSS.highlights?.set(FOUND, new Highlight(...ranges));
  CSS.highlights?.set(NOW, new Highlight(...(now ? [now] : [])));
  const output = bench().querySelector("[data-found]");
  if (!output) return;
  const count = ranges.length ? `${at + 1} / ${ranges.length}` : output.dataset.none;
  output.textContent = sought ? count : "";
  if (!now) return;
  const [text, place] = [document.querySelector("[data-text]"), now.getBoundingClientRect()];
  const box = text.getBoundingClientRect();
  if (place.top < box.top || place.bottom > box.bottom)
    text.scrollTop += place.top - box.top - text.clientHeight / 3;
};

const step = (by) => {
  if (!ranges.length) return;
  at = (at + by + ranges.length) % ranges.length;
  show();
};

const point = (by) => {
  const rows = [...bench().querySelectorAll("[data-row]")];
  const was = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const now = Math.min(Math.max(was + by, 0), rows.length - 1);
  rows[was]?.removeAttribute("aria-current");
  rows[now]?.setAttribute("aria-current", "true");
  rows[now]?.scrollIntoView({ block: "nearest" });
  // said aloud for whoever does not see it
  bench().querySelector("[data-now]").textContent = rows[now]?.innerText.replace(/\s+/g, " ") ?? "";
};

const ACTS = {
  find: () => bench().querySelector("[data-find]").select(),
  next: () => step(isShift ? -1 : 1),
  before: () => step(-1),
  down: () => point(1),
  up: () => point(-1),
};

document.addEventListener("keydown", (event) => {
  isShift = event.shiftKey;
  const isSought = event.target.matches("[data-find]");
  if (!isSought || event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  event.target.blur(); // from here on keys answer again
  if (event.key === "Enter" && at < 0) step(1);
}, { capture: true });
document.addEventListener("keyup", ({ shiftKey }) => (isShift = shiftKey));
document.addEventListener("click", ({ target }) => ACTS[target.closest("[data-read]")?.dataset.read]?.());
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-find]")) return;
  sought = target.value;
  search();
  show();
});

const begin = () => {
  const field = bench().querySelector("[data-find]");
  if (field) field.value = sought;
  search();
  at = ranges.length ? 0 : -1;
  show();
};
document.addEventListener("bench:shown", begin);
begin();
