// node browse.mjs PACKAGES PAGE LARGE_PAGE: looks at two pages in a headless Chromium, and writes a line for each check:
// "ok NAME", "failed NAME WHY", "measured NAME NUMBER". CHROMIUM names the browser, ONLY a single check.
import { createRequire } from "node:module";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { behaviourChecks } from "./checks.mjs";
import { layoutChecks } from "./layout_checks.mjs";

const [packages, pageFile, largeFile] = process.argv.slice(2);
const { chromium } = createRequire(join(packages, "x.js"))("playwright-core");
const profile = mkdtempSync(join(tmpdir(), "robiq-page-"));

/** A page of its own, watched for errors and requests. */
async function openPage(context, file, prepare, page = undefined) {
  page ??= await context.newPage();
  const troubles = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("request", (request) => /^(data|blob):/.test(request.url()) || request.url() === `file://${file}` ||
    troubles.push(`request: ${request.url().slice(0, 100)}`));
  await page.addInitScript(() => localStorage.clear()); // what an earlier check chose
  if (prepare) await page.addInitScript(prepare);
  await page.goto(`file://${file}`);
  await page.waitForFunction(() => window.robiqReport, null, { timeout: 60000 });
  return { page, troubles };
}

async function run(name, action) {
  try {
    await action();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`failed ${name} ${String(error.message).split("\n").slice(0, 3).join(" ")}`);
  }
}

/** From the navigation to the first figure on the screen, in milliseconds, and the page's own time of the processor. */
async function openingTimes(context) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await openPage(context, largeFile, () => {
    document.addEventListener("drawn", () => { window.firstDrawn ??= performance.now(); });
    const wait = setInterval(() => {
      if (!window.robiqReport) return;
      clearInterval(wait);
      window.usable = performance.now();
      window.robiqReport.figures[0].node.scrollIntoView({ behavior: "instant" });
    }, 5);
  }, page);
  await page.waitForFunction(() => window.firstDrawn, null, { timeout: 60000 });
  const times = await page.evaluate(() => ({ usable: window.usable, drawn: window.firstDrawn }));
  const { metrics } = await session.send("Performance.getMetrics");
  times.processor = 1000 * metrics.find(({ name }) => name === "TaskDuration").value;
  await page.close();
  return times;
}

/** The best of three: what else the machine does is not the page's doing. */
async function measureLarge(context) {
  const times = [await openingTimes(context), await openingTimes(context), await openingTimes(context)];
  const best = (name) => Math.round(Math.min(...times.map((one) => one[name])));
  console.log(`measured large_bytes ${statSync(largeFile).size}`);
  console.log(`measured large_tables_ms ${best("usable")}`);
  console.log(`measured large_first_figure_ms ${best("drawn")}`);
  console.log(`measured large_processor_ms ${best("processor")}`);
}

const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM, headless: true, viewport: { width: 1280, height: 900 }, acceptDownloads: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
try {
  const open = (prepare) => openPage(context, pageFile, prepare);
  for (const [name, check] of Object.entries({ ...behaviourChecks, ...layoutChecks })) {
    if (process.env.ONLY && process.env.ONLY !== name) continue;
    await run(name, () => check(open));
    await Promise.all(context.pages().slice(1).map((page) => page.close()));
  }
  if (!process.env.ONLY) await run("measures", () => measureLarge(context));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
