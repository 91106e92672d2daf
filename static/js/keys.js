// Keys press the buttons they are printed on, and a held key presses once.

const bench = () => document.querySelector("[data-bench]");
const isTyping = (target) =>
  target.closest("input:not([type=hidden]), textarea, select") !== null;

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || !document.hasFocus()) return;
  if (event.key === "Escape") {
    bench()?.querySelector("[data-sheet]")?.removeAttribute("open");
    document.getElementById("book-panel")?.setAttribute("hidden", "");
    return;
  }
  // with the shift lock on, a letter is still the letter on the button
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const name = CSS.escape(key);
  const button = bench()?.querySelector(`[data-hotkey="${name}"], [data-also="${name}"]`);
  const isOnControl = event.key === "Enter" && event.target.closest("button, a, summary");
  if (!button || isOnControl) return;
  event.preventDefault();
  button.click();
});

// The label book is fetched, and so is what opens it, only when it is wanted.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-book]");
  if (!link) return;
  event.preventDefault();
  (await import("./book.js")).toggleBook(link);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-actual-size]")) return;
  event.preventDefault(); // without this module the link opens the picture by itself
  document.querySelector("[data-picture]")?.toggleAttribute("data-actual");
});
