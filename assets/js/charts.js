// Draws the figures of a page. Each stands in the page as <script type="application/json"
// data-figure="ID">; the chart goes into <div data-figure-target="ID">. What cannot be drawn leaves its
// table open in its place.
import { keyboardMarks } from "./chart_marks.js";
import { withMarkPaths } from "./chart_paths.js";
import { themed } from "./chart_theme.js";

const OPTIONS = { displayModeBar: false, displaylogo: false, responsive: true, doubleClick: false };
const PAPER_WIDTH = 660; // px, the text width of a letter or A4 sheet with our margins

async function drawFigure(plotly, target) {
  const source = document.querySelector(`script[data-figure="${CSS.escape(target.dataset.figureTarget)}"]`);
  const { data, layout } = JSON.parse(source.textContent);
  await plotly.newPlot(target, data, themed(withMarkPaths(data, layout ?? {})), OPTIONS);
  keyboardMarks(plotly, target);
  target.closest("[data-figure-frame]")?.classList.add("figure--drawn");
}

function showTable(target) {
  const frame = target.closest("[data-figure-frame]");
  frame?.classList.add("figure--not-drawn");
  frame?.querySelector("details")?.setAttribute("open", "");
}

/** The share of its size at which a chart is printed; 1 where the page or the browser has no say in it. */
function paperZoom(target) {
  const wanted = parseFloat(getComputedStyle(target).getPropertyValue("--paper-zoom"));
  return wanted > 0 && CSS.supports("zoom", "0.5") ? wanted : 1;
}

function valueAt(layout, path) {
  return path.split(".").reduce((part, name) => part?.[name], layout);
}

/** On paper a chart has its own width, and whatever else its layout.meta.paper says; afterwards as before. */
function fitToPaper(plotly, targets) {
  const asBefore = new Map();
  window.addEventListener("beforeprint", () => {
    targets.forEach((target) => {
      const own = target.layout.meta?.paper ?? {};
      asBefore.set(target, Object.fromEntries(Object.keys(own).map((path) => [path, valueAt(target.layout, path)])));
      plotly.relayout(target, { ...own, width: PAPER_WIDTH / paperZoom(target), autosize: false });
    });
  });
  window.addEventListener("afterprint", () => {
    targets.forEach((target) => {
      plotly.relayout(target, { ...asBefore.get(target), width: null, autosize: true });
    });
  });
}

async function drawAll() {
  const targets = [...document.querySelectorAll("[data-figure-target]")];
  if (targets.length === 0) return;
  const plotly = await loadPlotly(targets);
  if (!plotly) return;
  const drawn = [];
  for (const target of targets) {
    try {
      await drawFigure(plotly, target);
      drawn.push(target);
    } catch (problem) {
      console.warn(`figure ${target.dataset.figureTarget} was not drawn:`, problem);
      showTable(target);
    }
  }
  fitToPaper(plotly, drawn);
}

async function loadPlotly(targets) {
  try {
    return (await import("plotly.js-cartesian-dist-min")).default;
  } catch (problem) {
    console.warn("the chart library did not load:", problem);
    targets.forEach(showTable);
    return null;
  }
}

drawAll();
