// Answering: keys press the buttons they are printed on, the page steps on at once where
// it may, and an act that has not arrived comes back on screen and is sent again until
// the server has it.
import { bench, makeReady, nextKey, parse, place, say, stepBack, stepOn } from "./hand.js";

const [RETRY_MS, SAY_SO_MS, GIVE_UP_MS] = [2000, 4000, 8000];
let shownAt = performance.now();
let isOnItsWay = false;

// Signing in beside this page changes its token; a fresh copy of the page has the new one.
const renewToken = async () => {
  const page = parse(await (await fetch(location.href)).text());
  const { value } = page.querySelector("[name=csrfmiddlewaretoken]");
  for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = value;
};

// Gives the server's word, or the name of what is to be said without it.
const ask = async (address, body) => {
  const options = { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(GIVE_UP_MS) };
  try {
    const response = await fetch(address, { method: "POST", body: body(), ...options });
    if (response.redirected) return "data-signed-out";
    if (response.status === 403) await renewToken();
    // a refusal comes back as the part that says so, and nothing is sent again
    if (!response.ok && ![409, 422].includes(response.status)) return "data-unsaved";
    return { push: response.headers.get("HX-Push-Url"), page: parse(await response.text()) };
  } catch {
    return "data-unsaved";
  }
};

const send = async (button) => {
  const { form } = button;
  const address = button.getAttribute("formaction") ?? form.getAttribute("action");
  const fields = new FormData(form, button);
  if (fields.has("active_ms")) fields.set("active_ms", Math.round(performance.now() - shownAt));
  // a comment belongs to this item alone: only a fresh part is sure to be without it
  const mayStep = fields.has("active_ms") && !fields.get("comment") && nextKey();
  if (mayStep) fields.set("shown", nextKey());
  const body = () => {
    fields.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    return new URLSearchParams(fields);
  };
  const slow = setTimeout(() => (stepBack(), say("data-unsaved")), SAY_SO_MS);
  let word = ask(address, body);
  if (mayStep) {
    document.getElementById("saved").textContent = "";
    stepOn();
  }
  while (typeof (word = await word) === "string") {
    clearTimeout(slow);
    stepBack();
    say(word);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    word = ask(address, body);
  }
  clearTimeout(slow);
  say(null);
  place(word);
  makeReady();
  document.querySelector("[data-focus]")?.focus({ preventScroll: true });
};

// One act is on its way at a time, from a key or from a click.
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-send]")) return;
  event.preventDefault();
  if (isOnItsWay) return;
  isOnItsWay = true;
  event.submitter.setAttribute("data-pressed", "");
  await send(event.submitter);
  event.submitter.removeAttribute("data-pressed");
  isOnItsWay = false;
});
document.addEventListener("bench:shown", () => (shownAt = performance.now()));
addEventListener("popstate", () => location.reload());

const isTyping = (target) =>
  target.closest("input:not([type=hidden], [type=range]), textarea, select") !== null;

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const leavesComment = event.key === "Escape" && event.target.matches("[name=comment]");
  if ((isTyping(event.target) && !leavesComment) || !document.hasFocus()) return;
  if (event.key === "Escape") {
    for (const open of bench()?.querySelectorAll("[data-sheet], [data-choice]") ?? [])
      open.removeAttribute("open");
    document.getElementById("book-panel")?.setAttribute("hidden", "");
    document.querySelector("[data-focus]")?.focus({ preventScroll: true });
    return;
  }
  // with the shift lock on, a letter is still the letter on the button
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const name = CSS.escape(key);
  // while a choice is open, keys choose there and nowhere else
  const among = bench()?.querySelector("[data-choice][open]") ?? bench();
  const button = among?.querySelector(`[data-hotkey="${name}"], [data-also="${name}"]`);
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

// Nor is the heartbeat, before a claim can have run for long.
const { beat } = bench()?.dataset ?? {};
if (beat) setTimeout(() => import("./beat.js"), 1000 * beat);
makeReady();
