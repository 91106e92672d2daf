// The hand: the item in front, and the next one, which is built and loading already.

const LISTED = 10;
let behind = null; // the next item, where the page may step to it
let before = null; // the item that a step has left, until the server has its answer

export const bench = () => document.querySelector("[data-bench]");
export const parse = (text) => new DOMParser().parseFromString(text, "text/html");

export const say = (what) => {
  for (const name of ["data-unsaved", "data-signed-out"])
    bench().querySelector(`[${name}]`)?.toggleAttribute("hidden", name !== what);
};

export const nextKey = () => behind?.key;

// Importing a template builds its part in this document, so that its medium is fetched.
export const makeReady = () => {
  const built = [...document.querySelectorAll("[data-behind]")].map((template) => {
    const part = document.importNode(template.content, true);
    part.querySelector("img")?.decode().catch(() => {});
    return { ...template.dataset, nodes: [...part.childNodes] };
  });
  behind = built[0]?.key ? built[0] : null;
  before = null;
};

// The classes that are put on, where an item may have several: they belong to one item.
const putOn = () => [...bench().querySelectorAll("[name=answer]:checked")];

// Shows an item in place of another: only what differs changes, and nothing moves.
const show = ({ review, key, nodes, classes = [] }) => {
  const item = bench().querySelector("[data-item]");
  const was = { review: bench().dataset.review, nodes: [...item.childNodes], classes: putOn() };
  for (const box of was.classes) box.checked = false;
  for (const box of classes) box.checked = true;
  for (const field of bench().querySelectorAll("form > input[name=key]")) {
    was.key = field.value;
    field.value = key;
    const address = field.form.getAttribute("action");
    field.form.setAttribute("action", address.replace(was.review, review));
  }
  const link = bench().querySelector("[data-actual-size]");
  link?.setAttribute("href", link.getAttribute("href").replace(was.review, review));
  item.replaceChildren(...nodes);
  item.scrollTo(0, 0);
  bench().dataset.review = review;
  document.dispatchEvent(new Event("bench:shown"));
  return was;
};

export const stepOn = () => {
  if (!before) before = show(behind);
};

export const stepBack = () => {
  if (before) show(before);
  before = null;
};

// Puts the server's word on the page: the whole part, or only what a step left open.
export const place = ({ push, page }) => {
  const whole = page.getElementById("review");
  if (whole) bench().replaceWith(whole);
  else stepOn();
  for (const part of page.querySelectorAll("[data-into]"))
    document.getElementById(part.dataset.into).replaceChildren(...part.childNodes);
  const given = page.querySelector("[data-given]");
  if (given) document.getElementById("answers").prepend(given);
  document.getElementById("answers")?.children[LISTED]?.remove();
  if (push && push !== "false") history.pushState(null, "", push);
  if (whole) document.dispatchEvent(new Event("bench:shown"));
};

// Whoever leaves keeps nothing from others that was not even seen.
addEventListener("pagehide", () => {
  const pause = bench()?.querySelector("[data-pause]");
  if (pause) navigator.sendBeacon(bench().dataset.leave, new FormData(pause));
});
