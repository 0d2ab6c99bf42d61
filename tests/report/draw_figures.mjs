// Compiles and draws every .vl.json of a folder as its page would; says what is wrong, one line each.
// Usage: node draw_figures.mjs PACKAGES FOLDER, PACKAGES holding node_modules with vega and vega-lite.
import fs from "node:fs";
import path from "node:path";

const [packages, folder] = process.argv.slice(2);
/** A package's module, by what its package.json offers; import() alone would look beside this file. */
function load(name) {
  const home = path.resolve(packages, "node_modules", name);
  const { exports } = JSON.parse(fs.readFileSync(path.join(home, "package.json"), "utf8"));
  const entry = exports["."] ?? exports;
  return import(path.join(home, entry.default ?? entry));
}

const vega = await load("vega");
const vegaLite = await load("vega-lite");
let wrong = 0;
for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".vl.json"))) {
  const complain = (text) => {
    wrong += 1;
    console.log(`${file}: ${text}`);
  };
  const logger = {};
  for (const name of ["level", "info", "debug"]) logger[name] = () => logger;
  for (const name of ["warn", "error"]) logger[name] = (...parts) => (complain(parts.join(" ")), logger);
  try {
    const { spec } = vegaLite.compile(JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")), { logger });
    const svg = await new vega.View(vega.parse(spec), { renderer: "none", logger }).toSVG();
    if (/NaN|undefined|Infinity/.test(svg.replace(/aria-label="[^"]*"/g, ""))) complain("a mark has no place");
    if (!/<path|<image|<text/.test(svg)) complain("nothing was drawn");
  } catch (error) {
    complain(error.message.split("\n")[0]);
  }
}
process.exit(wrong > 0 ? 1 : 0);
