// The look that every figure starts from. What a figure says itself wins.

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function base() {
  const ink = colour("--text-ink");
  return {
    font: { family: getComputedStyle(document.body).fontFamily, size: 15, color: ink },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    autosize: true,
    dragmode: false, // a finger on a chart scrolls the page
    hoverlabel: { font: { size: 15 } },
    // above the plot and growing upwards, so that a legend of two lines on a phone covers nothing
    legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom" },
    margin: { l: 16, r: 16, t: 16, b: 16, pad: 4 },
    transition: { duration: 0 },
  };
}

function axis() {
  const line = colour("--surface-line");
  return { automargin: true, fixedrange: true, gridcolor: line, zerolinecolor: line, linecolor: line };
}

/** layout over our base; its axes over our axes. Widths come from the page, so a fixed one is dropped. */
export function themed(layout) {
  const { width, ...own } = layout;
  const merged = { ...base(), ...own, font: { ...base().font, ...own.font } };
  const axes = new Set(["xaxis", "yaxis", ...Object.keys(own).filter((key) => /^[xy]axis\d*$/.test(key))]);
  axes.forEach((key) => (merged[key] = { ...axis(), ...own[key] }));
  return merged;
}
