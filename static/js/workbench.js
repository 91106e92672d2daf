// Answering: keys press the buttons they are printed on, the page steps on at once where
// it may, and an act that has not arrived comes back on screen and is sent again until
// the server has it.
import { bench, makeReady, nextKey, parse, place, say, stepBack, stepOn } from "./hand.js";

const [RETRY_MS, SAY_SO_MS, GIVE_UP_MS] = [2000, 4000, 8000];
const [AWAY_MS, TIMES, FEWEST_TIMES, SOONEST_MS] = [120_000, 10, 5, 600_000];
let isOnItsWay = false;

// Time at an item counts while it is in view and somebody is there: for two minutes after
// the last sign of a hand, or while a recording plays.
let [active, since, sign, isInView] = [0, performance.now(), performance.now(), true];
const tally = () => {
  const now = performance.now();
  if (isInView) active += Math.max(0, Math.min(now, sign + AWAY_MS) - since);
  since = now;
};
const beginAnew = () => {
  tally();
  [active, sign] = [0, since];
};
for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "timeupdate"])
  addEventListener(kind, () => (tally(), (sign = since)), { passive: true, capture: true });
document.addEventListener("visibilitychange", () => {
  tally();
  [isInView, sign] = [!document.hidden, since];
});

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
  const { review } = bench().dataset;
  const isAnswer = fields.has("active_ms");
  tally();
  const took = Math.round(active);
  if (isAnswer) fields.set("active_ms", took);
  // a comment belongs to this item alone: only a fresh part is sure to be without it
  const mayStep = isAnswer && !fields.get("comment") && nextKey();
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
  // a refusal and a second thought leave the same item in front
  if (!shift || !word.push || word.push === "false" || word.push.includes(review)) return;
  if (isAnswer) countOn(took);
  else if (form.matches("[data-takes-back]")) count(-1);
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
document.addEventListener("bench:shown", beginAnew);
addEventListener("popstate", () => location.reload());

const isTyping = (target) =>
  target.closest("input:not([type=hidden], [type=range], [type=checkbox]), textarea, select") !== null;

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
  // while a dialog or a choice is open, keys choose there and nowhere else
  const open = document.querySelector("dialog[open]");
  const among = open ?? bench()?.querySelector("[data-choice][open]") ?? bench();
  const button = among?.querySelector(`[data-hotkey="${name}"], [data-also="${name}"]`);
  const isOnControl = event.key === "Enter" && event.target.closest("button, a, summary");
  if (!button || isOnControl) return;
  event.preventDefault();
  button.click();
});

// What passes and what is rejected cannot stand together: the newer choice holds.
document.addEventListener("change", ({ target }) => {
  const barred = { pass: "reject", reject: "pass" }[target.dataset.means];
  if (!barred || !target.checked) return;
  for (const other of target.form.querySelectorAll(`[data-means=${barred}]`)) other.checked = false;
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

// The shift stands in the frame and counts on here: no answer asks the server for it.
const shift = document.querySelector("[data-shift]");
const pause = document.querySelector("[data-break]");
const times = (shift?.dataset.times.match(/\d+/g) ?? []).map(Number);
let items = Number(shift?.dataset.items);
let isSooner = false; // the heartbeat says so, between two of its beats
let resumedAt = performance.now() - 1000 * Number(shift?.dataset.resumed);

const count = (by) => {
  const now = shift.querySelector("[data-count]");
  now.textContent = Math.max(Number(now.textContent) + by, 0);
};

const drawPace = () => {
  const [low, high] = [Number(shift?.dataset.low), Number(shift?.dataset.high)];
  if (!high || times.length < FEWEST_TIMES) return;
  const own = [...times].sort((a, b) => a - b)[times.length >> 1] / 1000;
  const at = 15 + (30 * (own - low)) / (high - low || 1);
  shift.querySelector("circle").setAttribute("cx", Math.min(Math.max(at, 4), 56));
  shift.querySelector("[data-own-s]").textContent = Math.round(own);
  for (const part of shift.querySelectorAll("[data-own]")) part.removeAttribute("hidden");
};

const isBreakDue = () => {
  const { afterMin, afterItems } = shift.dataset;
  const minutes = (performance.now() - resumedAt) / 60_000;
  return isSooner || (Number(afterMin) && minutes >= afterMin) || (Number(afterItems) && items >= afterItems);
};

// A break is suggested between two items, and never once nothing is left to pause.
const countOn = (took) => {
  count(1);
  items += 1;
  times.unshift(took);
  times.length = Math.min(times.length, TIMES);
  drawPace();
  if (!pause || !isBreakDue() || !document.getElementById("pause")) return;
  [items, resumedAt, isSooner] = [0, performance.now(), false];
  pause.showModal();
};
document.addEventListener("bench:weary", () => {
  isSooner = performance.now() - resumedAt >= SOONEST_MS;
});
pause?.addEventListener("close", beginAnew);
drawPace();
makeReady();
