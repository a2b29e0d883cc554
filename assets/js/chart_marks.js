// The keyboard goes through the marks of a chart: what the pointer finds at each is shown and read out.
const ONWARDS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const LABEL_DRAWN = 80; // ms; plotly shows a label at most every 50

/** Every mark that says something: {words, event, subplot, href, stop}, in the order of the traces. */
function marksOf(chart) {
  return chart.calcdata.flatMap((points, curve) => {
    const { trace } = points[0];
    if (trace.visible !== true || trace.hoverinfo === "skip") return [];
    const stops = new Set(trace.meta?.stops ?? []);
    const subplot = `${trace.xaxis}${trace.yaxis}`;
    const place = trace.type === "heatmap" ? cellsOf(points[0], curve) : pointsOf(points, curve);
    return place
      .filter(({ words }) => words)
      .map((mark) => ({ ...mark, subplot, href: trace.customdata?.[mark.number], stop: stops.has(mark.number) }));
  });
}

function pointsOf(points, curve) {
  return points.map(({ htx, tx }, number) => ({
    number,
    words: htx || tx,
    event: { curveNumber: curve, pointNumber: number },
  }));
}

/** Plotly finds a cell by a value inside it, not by its number. */
function cellsOf({ xCenter, yCenter, z, text, hovertext }, curve) {
  return z.flatMap((row, down) =>
    row.map((value, across) => ({
      words: Number.isFinite(value) ? (hovertext ?? text)?.[down]?.[across] : "",
      event: { curveNumber: curve, xval: xCenter[across], yval: yCenter[down] },
    })),
  );
}

function spoken(words) {
  return new DOMParser().parseFromString(words.replaceAll("<br>", ", "), "text/html").body.textContent;
}

function addElement(after, name, properties) {
  const element = Object.assign(document.createElement(name), properties);
  after.after(element);
  return element;
}

function hint(marks) {
  const ways = ["Arrow keys go from mark to mark"];
  if (marks.some(({ stop }) => stop)) ways.push("Page Up and Page Down from fusion center to fusion center");
  if (marks.some(({ href }) => href)) ways.push("Enter opens what the mark stands for");
  return `${ways.join(", ")}.`;
}

/** The number of the mark that a key leads to from this one (-1: none yet); undefined for other keys. */
function led(key, from, marks) {
  const last = marks.length - 1;
  if (key in ONWARDS) return Math.min(Math.max(from + ONWARDS[key], 0), last);
  if (key === "Home") return 0;
  if (key === "End") return last;
  const next = marks.findIndex(({ stop }, place) => stop && place > from);
  if (key === "PageDown" && marks.some(({ stop }) => stop)) return next < 0 ? from : next;
  if (key === "PageUp" && marks.some(({ stop }) => stop)) {
    const before = marks.findLastIndex(({ stop }, place) => stop && place < from);
    return before < 0 ? from : before;
  }
  return undefined;
}

/** What a mark stands for opens with a click on it, as with Enter. */
function followLinks(chart) {
  const at = ({ points }) => points.map(({ customdata }) => customdata).find((href) => href);
  chart.on("plotly_click", (event) => at(event) && location.assign(at(event)));
  chart.on("plotly_hover", (event) => chart.classList.toggle("figure__chart--leads", Boolean(at(event))));
  chart.on("plotly_unhover", () => chart.classList.remove("figure__chart--leads"));
}

export function keyboardMarks(plotly, chart) {
  const marks = marksOf(chart);
  if (marks.length === 0) return;
  let here = -1;
  const id = `${chart.dataset.figureTarget}-keys`;
  const help = addElement(chart, "p", { className: "figure__keys", id, textContent: hint(marks) });
  const voice = addElement(help, "div", { className: "usa-sr-only" });
  voice.setAttribute("aria-live", "polite");
  chart.tabIndex = 0;
  chart.setAttribute("role", "application");
  chart.setAttribute("aria-roledescription", "chart");
  chart.setAttribute("aria-describedby", help.id);

  const show = () => {
    plotly.Fx.hover(chart, [marks[here].event], marks[here].subplot);
    voice.textContent = spoken(marks[here].words);
    setTimeout(() => {
      chart.querySelector(".hoverlayer .hovertext")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }, LABEL_DRAWN);
  };
  chart.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && marks[here]?.href) location.assign(marks[here].href);
    if (event.key === "Escape") plotly.Fx.unhover(chart);
    const next = led(event.key, here, marks);
    if (next === undefined || next < 0) return;
    event.preventDefault();
    here = next;
    show();
  });
  chart.addEventListener("blur", () => plotly.Fx.unhover(chart));
  if (marks.some(({ href }) => href)) followLinks(chart);
}
