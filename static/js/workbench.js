// Labelling from the keyboard: keys press the buttons they are printed on, a held key
// presses once, and an answer that did not arrive is sent again until it has.

const RETRY_MS = 2000;
let shownAt = performance.now();
let pressed = null;
let isOnItsWay = false;

const bench = () => document.querySelector("[data-bench]");

const isTyping = (target) =>
  target.closest("input:not([type=hidden]), textarea, select") !== null;

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || !document.hasFocus()) return;
  if (event.key === "z") {
    document.querySelector("[data-picture]")?.toggleAttribute("data-actual");
    return;
  }
  const button = bench()?.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
  const isOnControl = event.key === "Enter" && event.target.closest("button, a");
  if (!button || isOnControl) return;
  event.preventDefault();
  if (!isOnItsWay) button.click();
});

// One answer is on its way at a time, from a key or from a click.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("[data-bench] form[hx-post] button");
    if (!button) return;
    if (isOnItsWay) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    pressed = button;
    button.setAttribute("data-pressed", "");
    const active = button.form.querySelector("[data-active]");
    if (active) active.value = Math.round(performance.now() - shownAt);
  },
  { capture: true },
);

document.addEventListener("htmx:beforeRequest", () => {
  isOnItsWay = true;
});

// The key of the answer is in the form, so sending it again is harmless.
const again = () => {
  bench()?.querySelector("[data-unsaved]")?.removeAttribute("hidden");
  setTimeout(() => {
    isOnItsWay = false;
    if (pressed?.isConnected) pressed.click();
  }, RETRY_MS);
};
document.addEventListener("htmx:sendError", again);
document.addEventListener("htmx:responseError", (event) => {
  // a refusal comes back as the part that says so, and nothing is sent again
  if (![409, 422].includes(event.detail.xhr.status)) again();
});

document.addEventListener("htmx:afterSettle", () => {
  shownAt = performance.now();
  isOnItsWay = false;
  pressed = null;
  document.querySelector("[data-focus]")?.focus({ preventScroll: true });
});
