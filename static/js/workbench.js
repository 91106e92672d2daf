// Labelling from the keyboard: keys press the buttons they are printed on, a held key
// presses once, and an answer that did not arrive is sent again until it has.

const RETRY_MS = 2000;
let shownAt = performance.now();
let pending = null;

const bench = () => document.querySelector("[data-bench]");

const isTyping = (target) =>
  target.closest("input:not([type=hidden]), textarea, select") !== null;

const press = (button) => {
  button.setAttribute("data-pressed", "");
  button.form.requestSubmit(button);
};

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  if (event.key === "z") {
    document.querySelector("[data-picture]")?.toggleAttribute("data-actual");
    return;
  }
  const button = bench()?.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
  const isOnControl = event.key === "Enter" && event.target.closest("button, a");
  if (!button || isOnControl) return;
  event.preventDefault();
  if (!document.hasFocus() || pending) return;
  press(button);
});

document.addEventListener("submit", (event) => {
  const active = event.target.querySelector("[data-active]");
  if (active) active.value = Math.round(performance.now() - shownAt);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  pending = event.detail.elt;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful || [409, 422].includes(event.detail.xhr?.status)) {
    pending = null;
  }
});

// The key of the answer is in the form, so sending it again is harmless.
const again = (event) => {
  const form = event.detail.elt;
  const { requestConfig } = event.detail;
  bench()?.querySelector("[data-unsaved]")?.removeAttribute("hidden");
  setTimeout(() => {
    if (!form.isConnected) return;
    pending = null;
    const chosen = requestConfig?.triggeringEvent?.submitter ?? undefined;
    form.requestSubmit(chosen);
  }, RETRY_MS);
};
document.addEventListener("htmx:sendError", again);
document.addEventListener("htmx:responseError", again);

document.addEventListener("htmx:afterSettle", () => {
  shownAt = performance.now();
  document.querySelector("[data-focus]")?.focus({ preventScroll: true });
});
