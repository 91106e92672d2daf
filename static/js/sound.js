// Listening by keyboard: space plays and pauses, arrows go back and on, brackets change
// the speed. And a drawing of the recording. Without it the player's own controls do.

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const LONGEST_STEP_S = 5;
const HEADER_BYTES = 44; // of our recordings, WAV of 16 bits and nothing else
const [WIDTH, MIDDLE] = [800, 50];
let speed = 1;

const sound = () => document.querySelector("[data-sound]");

const move = (share) => {
  const audio = sound();
  const step = Math.min(LONGEST_STEP_S, audio.duration / 10) * share;
  // before the duration is known there is nowhere to go
  if (step) audio.currentTime += step;
};

const hasten = (by) => {
  const at = SPEEDS.indexOf(speed) + by;
  speed = SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)];
  sound().playbackRate = speed;
  document.querySelector("[data-speed]").textContent = `${speed}×`;
};

const KEYS = {
  // an answer that comes sooner than the sound takes it away, which is no fault
  " ": () => (sound().paused ? sound().play().catch(() => {}) : sound().pause()),
  ArrowLeft: () => move(-1),
  ArrowRight: () => move(1),
  "[": () => hasten(-1),
  "]": () => hasten(1),
};

document.addEventListener("keydown", (event) => {
  const isCommand = event.ctrlKey || event.metaKey || event.altKey;
  // some keyboards have brackets behind AltGr
  if (isCommand && !event.getModifierState("AltGraph")) return;
  if (!sound() || !KEYS[event.key]) return;
  // the player's own keys, and those of a button that has the focus, come first
  if (event.target.closest("audio, input:not([type=hidden]), textarea, select")) return;
  if (event.key === " " && event.target.closest("button, a, summary")) return;
  event.preventDefault();
  if (event.repeat && !event.key.startsWith("Arrow")) return;
  KEYS[event.key]();
});

// By pointer: the buttons of these keys, and a place on the drawing to go on from.
document.addEventListener("click", ({ target, clientX }) => {
  KEYS[target.closest("[data-sound-key]")?.dataset.soundKey]?.();
  const wave = target.closest(".sound-wave");
  if (!wave || !sound().duration) return;
  const { left, width } = wave.getBoundingClientRect();
  sound().currentTime = ((clientX - left) / width) * sound().duration;
});

const paint = () => {
  const audio = sound();
  if (!audio) return;
  const share = audio.duration ? audio.currentTime / audio.duration : 0;
  document.querySelector("[data-played]").setAttribute("width", share * WIDTH);
  if (!audio.paused) requestAnimationFrame(paint);
};
for (const name of ["play", "seeked", "pause"])
  document.addEventListener(name, paint, { capture: true });

const draw = async () => {
  const audio = sound();
  if (!audio || audio.hasAttribute("data-drawn")) return;
  audio.setAttribute("data-drawn", "");
  for (const part of document.querySelectorAll("[data-screen]")) part.hidden = false;
  hasten(0);
  const response = await fetch(audio.src);
  if (!response.ok) return;
  const samples = new Int16Array(await response.arrayBuffer(), HEADER_BYTES);
  let line = "";
  for (let x = 0; x < WIDTH; x += 1) {
    const end = Math.ceil(((x + 1) * samples.length) / WIDTH);
    let peak = 0;
    for (let i = Math.floor((x * samples.length) / WIDTH); i < end; i += 1)
      peak = Math.max(peak, Math.abs(samples[i]));
    const height = Math.max((peak / 32768) * MIDDLE, 0.5);
    line += `M${x + 0.5} ${MIDDLE - height}V${MIDDLE + height}`;
  }
  if (audio.isConnected) document.querySelector("[data-wave]").setAttribute("d", line);
};
document.addEventListener("bench:shown", draw);
draw();
