// node svg.mjs VEGA_DIR FIGURES_DIR: writes NAME.svg beside every NAME.vl.json of FIGURES_DIR, drawn light on white by
// vega's own renderer, without a browser. VEGA_DIR holds vega.min.js and vega-lite.min.js. One line on standard error
// and exit code 1 for each figure that could not be drawn.
import { readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { validXml } from "./escape.mjs";
import { figureConfig } from "./theme.mjs";

/** A browser build as a module: told what it may require, it hands out what it exports. */
function load(file, packages) {
  const module = { exports: {} };
  const require = (name) => {
    if (!(name in packages)) throw new Error(`${name} is not there`);
    return packages[name];
  };
  new Function("module", "exports", "require", readFileSync(file, "utf8"))(module, module.exports, require);
  return module.exports;
}

/** The SVG of a figure whose data stand inside it. */
async function svgOf(vega, vegaLite, text) {
  const logger = vega.logger(vega.Error);
  const compiled = vegaLite.compile(JSON.parse(text), { config: figureConfig({ background: "#ffffff" }), logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger });
  const svg = await view.toSVG();
  view.finalize();
  return validXml(svg);
}

async function main([vegaFolder, figuresFolder]) {
  if (!vegaFolder || !figuresFolder) throw new Error("usage: node svg.mjs VEGA_DIR FIGURES_DIR");
  const vega = load(join(vegaFolder, "vega.min.js"), {});
  const vegaLite = load(join(vegaFolder, "vega-lite.min.js"), { vega });
  const ending = ".vl.json";
  for (const name of readdirSync(figuresFolder).filter((file) => file.endsWith(ending)).sort()) {
    const file = join(figuresFolder, `${name.slice(0, -ending.length)}.svg`);
    try {
      writeFileSync(`${file}.new`, await svgOf(vega, vegaLite, readFileSync(join(figuresFolder, name), "utf8")));
      renameSync(`${file}.new`, file);
    } catch (error) {
      console.error(`${name}: ${String(error.message).split("\n")[0]}`);
      process.exitCode = 1;
    }
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(String(error.message).split("\n")[0]);
  process.exitCode = 1;
});
