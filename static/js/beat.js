// The heartbeat: a claim goes on while its item is in sight and somebody is there.
import { bench } from "./hand.js";

// Whoever has not moved for as many beats, which is as long as a claim, has left.
const STILL_THERE = 3;
const MOVES = ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchstart"];
const USUAL_S = 60;
let still = 0;
for (const move of MOVES)
  addEventListener(move, () => (still = 0), { capture: true, passive: true });

const lost = () => bench()?.querySelector("[data-lost]");

const beat = async () => {
  const pause = bench()?.querySelector("[data-pause]");
  if (!pause || document.hidden || still >= STILL_THERE) return;
  still += 1;
  const key = pause.elements.key.value;
  const body = new URLSearchParams(new FormData(pause));
  const response = await fetch(bench().dataset.hold, { method: "POST", body }).catch(() => null);
  // what was lost meanwhile may not be what stands here by now
  const now = bench()?.querySelector("[data-pause]")?.elements.key.value;
  if (response?.headers.has("Break-Due")) document.dispatchEvent(new Event("bench:weary"));
  if (response && now === key) lost()?.toggleAttribute("hidden", response.status !== 409);
};

document.addEventListener("bench:shown", () => lost()?.setAttribute("hidden", ""));
document.addEventListener("visibilitychange", beat);
setInterval(beat, 1000 * (bench()?.dataset.beat ?? USUAL_S));
beat();
