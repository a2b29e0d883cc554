// Thousands of marks as one path for each look: an element for each would stop the page while it is drawn,
// and their outlines would be most of what is sent.

/** Handles of a circle's four curves reach this far, of its radius. */
const ROUND = 0.5523;

const OUTLINES = {
  d: (x, y, r) => [`M${x - r},${y}`, `L${x},${y - r}`, `L${x + r},${y}`, `L${x},${y + r}Z`].join(""),
  c: (x, y, r) => {
    const k = ROUND * r;
    return (
      `M${x - r},${y}C${x - r},${y - k},${x - k},${y - r},${x},${y - r}` +
      `C${x + k},${y - r},${x + r},${y - k},${x + r},${y}C${x + r},${y + k},${x + k},${y + r},${x},${y + r}` +
      `C${x - k},${y + r},${x - r},${y + k},${x - r},${y}Z`
    );
  },
};

function pathsOf({ x, y, meta }) {
  return Object.entries(meta.looks).map(([symbol, look]) => {
    const outlines = [...meta.symbols].map((each, place) =>
      each === symbol ? OUTLINES[symbol](x[place], y[place], meta.sizes[place] / 2) : "",
    );
    return { type: "path", path: outlines.join(""), layer: "below", ...look };
  });
}

/** The layout with a path for each look of the traces whose meta names symbols: d diamond, c circle. */
export function withMarkPaths(data, layout) {
  const paths = data
    .filter(({ meta }) => meta?.symbols)
    .flatMap(pathsOf)
    .filter(({ path }) => path);
  return paths.length === 0 ? layout : { ...layout, shapes: [...(layout.shapes ?? []), ...paths] };
}
