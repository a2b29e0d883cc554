// Builds the styles and scripts of the pages: assets/ + node_modules/ -> static/, in one run of
// `node assets/build.mjs [folder]`. Every file is named by its content (app-5KX2Q7ZD.css), so a browser may
// keep it for ever; static/manifest.json tells the templates which file answers to which name.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { paletteAsCss, plotlyRulesAsCss, uswdsWithOurFonts } from "./vendor_css.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);
const OUT = resolve(process.argv[2] ?? join(ROOT, "static"));

const BROWSERS = ["chrome111", "edge111", "firefox114", "safari16.4"];

// name in the manifest -> source
const STYLES = { "app.css": "css/app.css", "plotly.css": "css/plotly.css" };
const SCRIPTS = {
  "app.js": "js/app.js",
  "answering.js": "js/answering.js",
  "passkeys.js": "js/passkeys.js",
};
const CHARTS = {
  "charts.js": "js/charts.js",
  // loaded by charts.js; named so that pages can fetch it early
  "plotly.js": "../node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
};
const IMAGES = { "logo.svg": "img/logo.svg", "favicon.svg": "img/favicon.svg" };

// Found through the style sheet; named because the page asks for it before it has read that.
const TEXT_FONT = "sourcesanspro-regular-webfont.woff2";

const LOADERS = { ".woff2": "file", ".svg": "file", ".png": "file" };

/** Style sheets that are made at build time from a package or from our palette. */
const madeStyles = {
  name: "made-styles",
  setup(builder) {
    const made = {
      "made:uswds": [uswdsWithOurFonts, join(ROOT, "node_modules/@uswds/uswds/dist/css/uswds.min.css")],
      "made:palette": [paletteAsCss, join(HERE, "palette.json")],
      "made:plotly": [
        plotlyRulesAsCss,
        join(ROOT, "node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js"),
      ],
    };
    builder.onResolve({ filter: /^made:/ }, ({ path }) => ({ path, namespace: "made" }));
    builder.onLoad({ filter: /.*/, namespace: "made" }, async ({ path }) => {
      const [make, source] = made[path];
      return {
        contents: make(await readFile(source, "utf8")),
        loader: "css",
        resolveDir: dirname(source),
      };
    });
  },
};

const COMMON = {
  bundle: true,
  minify: true,
  metafile: true,
  outdir: OUT,
  target: BROWSERS,
  loader: LOADERS,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
  absWorkingDir: ROOT,
};

function entryPoints(sources) {
  return Object.values(sources).map((path) => join(HERE, path));
}

/** Manifest lines for the entry points of one esbuild run. */
function manifestOf(result, sources) {
  const made = Object.entries(result.metafile.outputs).filter(([, output]) => output.entryPoint);
  const fileOf = new Map(made.map(([file, output]) => [output.entryPoint, basename(file)]));
  return Object.entries(sources).map(([name, path]) => [
    name,
    fileOf.get(relative(ROOT, join(HERE, path)).split(sep).join("/")),
  ]);
}

function textFont(result) {
  const outputs = Object.entries(result.metafile.outputs);
  const [file] = outputs.find(([, { inputs }]) => Object.keys(inputs).some((path) => path.endsWith(TEXT_FONT)));
  return basename(file);
}

async function buildAll() {
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  const styles = await build({ ...COMMON, entryPoints: entryPoints(STYLES), plugins: [madeStyles] });
  const scripts = await build({ ...COMMON, entryPoints: entryPoints(SCRIPTS), format: "esm" });
  const charts = await build({
    ...COMMON,
    entryPoints: entryPoints({ "charts.js": CHARTS["charts.js"] }),
    format: "esm",
    splitting: true, // plotly becomes a file of its own: a change to our drawing code does not reload it
  });
  const images = await build({ ...COMMON, loader: { ".svg": "copy" }, entryPoints: entryPoints(IMAGES) });
  const manifest = Object.fromEntries([
    ...manifestOf(styles, STYLES),
    ...manifestOf(scripts, SCRIPTS),
    ...manifestOf(charts, CHARTS),
    ...manifestOf(images, IMAGES),
    ["text.woff2", textFont(styles)],
  ]);
  await writeFile(join(OUT, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
  return manifest;
}

const manifest = await buildAll();
console.log(`built ${Object.keys(manifest).length} page assets into ${relative(process.cwd(), OUT) || "."}`);
