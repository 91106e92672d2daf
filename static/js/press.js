// A field for a key takes the key that is pressed in it; without this it is typed.

const PASSES_ON = ["Tab", "Enter", "Escape", "Shift", "Control", "Alt", "Meta", "Process"];

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("[data-press]");
  const isCommand = event.ctrlKey || event.metaKey || event.altKey;
  if (!field || isCommand || event.isComposing || PASSES_ON.includes(event.key)) return;
  event.preventDefault();
  field.value = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  field.select();
});
