// Agreement by day: the value, its interval as a band, and the line's target.

const HALF_DAY_S = 43200;
const percent = (share) => `${(share * 100).toFixed(1)} %`;

// light-dark() is resolved by the browser only where a colour is used.
const colour = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

// What the cursor is on, in words; the last day when it is on nothing.
const read = (place, columns, at) => {
  const i = at ?? columns.day.length - 1;
  const day = new Date(columns.day[i] * 1000).toLocaleDateString(document.documentElement.lang);
  const band = `${percent(columns.low[i])} – ${percent(columns.high[i])}`;
  place.parentElement.querySelector("[data-plot-reading]").textContent =
    `${day}: ${percent(columns.value[i])} (${band}, n = ${columns.count[i]})`;
};

const draw = (place) => {
  const columns = JSON.parse(document.getElementById(place.dataset.source).textContent);
  const target = Number(place.dataset.target);
  const lowest = Math.min(...columns.low, target);
  const model = colour("--model");
  const soft = colour("--ink-soft");
  const rule = colour("--line");
  const axis = { stroke: soft, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule } };
  const plot = new window.uPlot(
    {
      width: place.clientWidth,
      height: 240,
      cursor: { drag: { x: false, y: false } },
      legend: { show: false },
      hooks: { setCursor: [(u) => read(place, columns, u.cursor.idx)] },
      scales: { x: { range: (_u, first, last) => [first - HALF_DAY_S, last + HALF_DAY_S] }, y: { range: [Math.max(0, lowest - 0.02), 1] } },
      axes: [axis, { ...axis, size: 68, values: (_u, ticks) => ticks.map(percent) }],
      series: [
        {},
        { stroke: model, width: 2, points: { size: 5, fill: model } },
        { stroke: "transparent", points: { show: false } },
        { stroke: "transparent", points: { show: false } },
        { stroke: soft, dash: [6, 4], width: 1, points: { show: false } },
      ],
      bands: [{ series: [3, 2], fill: model.replace("rgb(", "rgba(").replace(")", ", 0.16)") }],
    },
    [columns.day, columns.value, columns.low, columns.high, columns.day.map(() => target)],
    place,
  );
  read(place, columns, null);
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 240 })).observe(place);
};

document.querySelectorAll("[data-plot]").forEach(draw);
