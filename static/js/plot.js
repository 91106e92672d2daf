// Plots of days: a value with its band and bounds, marks, and one cursor for a page.
import { colour, drawAlone, drawBand, drawMarks, faint, roomForMarks } from "./marks.js";

// How wide the axis with the values is.
const LABELS = 76;
const INKS = { model: "--model", person: "--person", ink: "--ink-soft" };

const write = (value, { factor, suffix }) => {
  const shown = value * factor;
  const digits = Math.abs(shown) >= 1000 ? 0 : 1;
  return `${Number(shown.toPrecision(6)).toLocaleString(document.documentElement.lang, { maximumFractionDigits: Math.abs(shown) < 1 ? 3 : digits })}${suffix}`;
};

const isThere = (value) => value !== null;

// Days between days without data: no line reaches them.
const alone = (value) => value.flatMap((v, day) => (isThere(v) && !isThere(value[day - 1] ?? null) && !isThere(value[day + 1] ?? null) ? [day] : []));

// Days on the axis, in the page's language and the line's zone; the house writes 26 Oct.
const days = (zone) => {
  const { lang } = document.documentElement;
  const day = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "short", timeZone: zone });
  return (_plot, ticks) => ticks.map((tick) => day.format(tick * 1000));
};

// The words for the day the cursor is on; of the last day with data when it is on none.
const read = (place, data, at) => {
  const reading = place.parentElement.querySelector("[data-plot-reading]");
  reading.textContent = data.words[at ?? data.value.findLastIndex(isThere)];
};

// The axis holds the line, the band as far as it is not absurd, and bounds that are near.
const heights = ({ lower, upper, band, room: atLeast, ...days }) => {
  const [value, low, high] = [days.value, days.low, days.high].map((values) => values.filter(isThere));
  const least = Math.min(...value);
  const most = Math.max(...value);
  const room = (most - least) * 2 || Math.abs(most) / 5 || 1;
  const near = [lower, upper].filter((b) => b !== null && b > least - room * 2 && b < most + room * 2).concat(band ?? []);
  const bottom = Math.min(Math.min(least, Math.max(Math.min(...low), least - room)), ...near);
  const top = Math.max(Math.max(most, Math.min(Math.max(...high), most + room)), ...near);
  const edge = Math.max((top - bottom) * 0.06, (atLeast - (top - bottom)) / 2) || 0.5;
  return [bottom < 0 ? bottom - edge : Math.max(0, bottom - edge), top + edge];
};

const draw = (place) => {
  const data = JSON.parse(document.getElementById(place.dataset.source).textContent);
  const height = Number(place.dataset.height);
  if (!data.value.some(isThere)) return;
  const lone = alone(data.value);
  const ink = colour(INKS[data.who]);
  const line = colour("--line");
  const around = colour(data.is_zone ? "--ink-soft" : INKS[data.who]);
  const edge = data.is_zone ? { stroke: around, width: 1, dash: [4, 4], points: { show: false } } : { stroke: "transparent", points: { show: false } };
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  const size = { width: place.clientWidth, height };
  place.replaceChildren();
  const plot = new window.uPlot(
    {
      ...size,
      padding: [data.marks.length ? () => roomForMarks(data, place.clientWidth - LABELS) : null, null, null, null],
      tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), data.zone),
      cursor: { drag: { x: false, y: false }, sync: { key: "page" }, points: { size: 7 } },
      legend: { show: false },
      hooks: { setCursor: [(u) => read(place, data, u.cursor.idx)], drawClear: [(u) => drawBand(u, data)], draw: [(u) => drawAlone(u, data, lone, faint(around, 0.5)), (u) => drawMarks(u, data)] },
      scales: { x: { range: [data.from, data.to] }, y: { range: heights(data) } },
      axes: [
        { ...axis, values: days(data.zone), space: 64, size: 32 },
        { ...axis, size: LABELS, space: height < 160 ? 28 : 36, values: (_u, ticks) => ticks.map((tick) => write(tick, data)) },
      ],
      series: [
        {},
        { stroke: ink, width: 2, points: { show: data.at.length < 100, size: 5, fill: ink, filter: (_u, _series, shown) => (shown ? null : lone) } },
        edge,
        { ...edge },
      ],
      bands: [{ series: [3, 2], fill: faint(around, data.is_zone ? 0.1 : 0.16) }],
    },
    [data.at, data.value, data.low, data.high],
    place,
  );
  read(place, data, null);
  const resizing = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height }));
  resizing.observe(place);
  const drawAnew = () => {
    resizing.disconnect();
    plot.destroy();
    draw(place);
  };
  // colours are painted, so that another scheme needs another painting
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAnew, { once: true });
};

document.querySelectorAll("[data-plot]").forEach(draw);
