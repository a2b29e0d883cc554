// What we change in other people's style sheets before bundling them. Each function takes the text of
// a file of a package (or of palette.json) and gives CSS.

const FONTS = "../fonts/source-sans-pro/sourcesanspro";

function fontFace(weights, file) {
  return (
    `@font-face{font-family:"Source Sans Pro Web";font-style:normal;font-weight:${weights};` +
    `font-display:swap;src:url(${FONTS}-${file}-webfont.woff2)format("woff2")}`
  );
}

/** USWDS as published, with one family in two files instead of three families in eighteen. */
export function uswdsWithOurFonts(css) {
  const rules = css
    .replace('@charset "UTF-8";', "")
    .replace(/@font-face\{[^}]*\}/g, "")
    .replaceAll("Merriweather Web", "Source Sans Pro Web")
    .replaceAll("Roboto Mono Web", "ui-monospace")
    // the only photograph; no page of ours shows a hero
    .replace(/background-image:url\([^)]*hero\.jpg[^)]*\);?/g, "")
    .replace(/\/\*# sourceMappingURL=.*?\*\//g, "");
  return fontFace("300 500", "regular") + fontFace("600 900", "bold") + rules;
}

/** palette.json as custom properties: {"side": {"eoc": c}, "level": [c0]} -> --side-eoc, --level-0. */
export function paletteAsCss(json) {
  const lines = Object.entries(JSON.parse(json)).flatMap(([group, colours]) =>
    Object.entries(colours).map(([name, value]) => `  --${group}-${name}: ${value};`.replaceAll("_", "-")),
  );
  return `:root {\n${lines.join("\n")}\n}\n`;
}

/**
 * The rules that plotly.js would add by script. Under our policy it may not, and looks for them in a
 * sheet of ours instead. They are read from the bundle itself so that they always fit its version.
 */
export function plotlyRulesAsCss(bundle) {
  const rule = /(?:"[^"]+"|\w+):(?:"[^"]*"|'[^']*')/.source;
  const literal = new RegExp(`\\{(?="X,X div")${rule}(?:,${rule})*\\}`).exec(bundle)?.[0];
  if (!literal) throw new Error("plotly.js keeps its style rules elsewhere now: see assets/vendor_css.mjs");
  const rules = new Function(`return ${literal}`)();
  return Object.entries(rules)
    .map(([selector, body]) => {
      const full = selector
        .replace(/^,/, " ,")
        .replaceAll("X", ".js-plotly-plot .plotly")
        .replaceAll("Y", ".plotly-notifier");
      return `${full}{${body}}`;
    })
    .reverse() // plotly inserts each rule before those already there
    .join("\n");
}
