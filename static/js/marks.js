// What is drawn over a plot: its bounds, and what happened, each with its number.

const SHAPES = { raised: "▲", lowered: "▼", version: "◆", alarm: "●", bound: "■", book: "▤" };

// light-dark() is resolved by the browser only where a colour is used; a colour that the
// device would force there is not what is painted.
export const colour = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  probe.style.forcedColorAdjust = "none";
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

export const faint = (ink, share) => `color-mix(in srgb, ${ink} ${share * 100}%, transparent)`;

const rule = (u, from, to, ink, dash) => {
  u.ctx.strokeStyle = ink;
  u.ctx.setLineDash(dash);
  u.ctx.beginPath();
  u.ctx.moveTo(...from);
  u.ctx.lineTo(...to);
  u.ctx.stroke();
};

// A bound is a line across; one beyond the axis is not drawn at a false height.
const drawBound = (u, value, ink) => {
  const { left, top, width, height } = u.bbox;
  const y = u.valToPos(value, "y", true);
  if (y >= top && y <= top + height) rule(u, [left, y], [left + width, y], ink, [8, 6]);
};

// The reference lies behind everything: nine tenths of it as a band, its median dashed.
export const drawBand = (u, { band }) => {
  if (!band) return;
  const { left, width } = u.bbox;
  const [low, middle, high] = band.map((value) => u.valToPos(value, "y", true));
  u.ctx.save();
  u.ctx.fillStyle = colour("--model-faint");
  u.ctx.fillRect(left, high, width, low - high);
  u.ctx.lineWidth = devicePixelRatio;
  rule(u, [left, middle], [left + width, middle], colour("--model"), [3, 5]);
  u.ctx.restore();
};

// A day on its own has no band beside it: its interval is a line, up to the plot's edge.
export const drawAlone = (u, { at, low, high }, days, ink) => {
  const { top, height } = u.bbox;
  const y = (value) => Math.min(Math.max(u.valToPos(value, "y", true), top), top + height);
  u.ctx.save();
  u.ctx.lineWidth = 2 * devicePixelRatio;
  days.forEach((day) => {
    const x = u.valToPos(at[day], "x", true);
    rule(u, [x, y(low[day])], [x, y(high[day])], ink, []);
  });
  u.ctx.restore();
};

// Labels stand above the plot, never on its line; of marks that are near each other one
// below the other, in as many rows as that takes, four at most.
const ROW = 14;
const MOST_ROWS = 4;
const rowsOf = ({ marks, from, to }, width) => {
  let [before, row] = [-Infinity, 0];
  return marks.map(({ at }) => {
    const x = ((at - from) / (to - from)) * width;
    row = x - before < 36 ? Math.min(row + 1, MOST_ROWS - 1) : 0;
    before = x;
    return row;
  });
};

export const roomForMarks = (data, width) => (Math.max(...rowsOf(data, width)) + 1) * ROW + 4;

// A mark is a line down with its shape and its number in the list below the plot.
const drawMark = (u, mark, number, rowsBelow, ink) => {
  const { left, top, width, height } = u.bbox;
  const x = u.valToPos(mark.at, "x", true);
  if (x < left || x > left + width) return;
  const foot = top - (4 + rowsBelow * ROW) * devicePixelRatio;
  rule(u, [x, foot], [x, top + height], ink, [2, 4]);
  u.ctx.fillStyle = ink;
  u.ctx.textAlign = x > left + width - 40 * devicePixelRatio ? "right" : "left";
  u.ctx.fillText(` ${SHAPES[mark.kind] ?? "|"} ${number} `, x, foot);
};

export const drawMarks = (u, data) => {
  const soft = colour("--ink-soft");
  const stop = colour("--stop");
  u.ctx.save();
  u.ctx.lineWidth = devicePixelRatio;
  u.ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  [data.lower, data.upper].filter((bound) => bound !== null).forEach((bound) => drawBound(u, bound, stop));
  const rows = rowsOf(data, u.bbox.width / devicePixelRatio);
  const last = Math.max(...rows);
  data.marks.forEach((mark, i) => drawMark(u, mark, i + 1, last - rows[i], mark.kind === "alarm" ? stop : soft));
  u.ctx.restore();
};
