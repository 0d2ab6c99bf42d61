// How the page looks: narrow, on paper, and to those who do not see it.
import assert from "node:assert/strict";
import { canvasHasContent, drawAll, settle } from "./steps.mjs";

/** Controls without a name, and other faults that a screen reader would meet. */
function faultsOfAccess() {
  const faults = [];
  const nameOf = (node) => node.getAttribute("aria-label") || (node.labels?.[0]?.textContent ?? "") || node.textContent.trim();
  for (const node of document.querySelectorAll("button, input, a[href], summary, [role=region], dialog")) {
    const named = nameOf(node) || document.getElementById(node.getAttribute("aria-labelledby"))?.textContent;
    if (!named) faults.push(`no name: ${node.outerHTML.slice(0, 80)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt])")) faults.push(`no alt: ${image.outerHTML.slice(0, 60)}`);
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  for (const landmark of ["main", "nav", "[role=search]"]) {
    if (!document.querySelector(landmark)) faults.push(`no ${landmark}`);
  }
  const levels = [...document.querySelectorAll("main h1, main h2, main h3, main h4")].map((node) => Number(node.tagName[1]));
  levels.slice(1).forEach((level, place) => level > levels[place] + 1 && faults.push(`h${levels[place]} then h${level}`));
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  ids.filter((id, place) => ids.indexOf(id) !== place).forEach((id) => faults.push(`two elements with id ${id}`));
  return faults;
}

/** Texts whose contrast with what is behind them is below 4.5 (WCAG AA). */
function faintTexts() {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (rgb) => rgb.slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, place) => sum + value * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const colour = channels(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !node.checkVisibility() || node.closest("script, :disabled, noscript, #status")) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(node).color)), luminance(behind(node))].sort((one, other) => other - one);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${node.className || node.tagName} "${walker.currentNode.textContent.trim().slice(0, 30)}"`);
  }
  return [...new Set(faint)].slice(0, 8);
}

export const layoutChecks = {
  async narrow_pages_do_not_overflow(open) {
    const { page } = await open();
    await page.setViewportSize({ width: 360, height: 740 });
    await page.waitForTimeout(300);
    const count = await drawAll(page);
    await settle(page);
    const { width, widest } = await page.evaluate(() => ({ width: document.documentElement.scrollWidth,
      widest: Math.max(...[...document.querySelectorAll(".figure-holder canvas")].map((canvas) => canvas.getBoundingClientRect().right)) }));
    assert.equal(width, 360);
    assert.ok(widest <= 360, `a figure reaches to ${widest}`);
    assert.ok(count > 0);
    const first = await page.evaluate(() => {
      const scroll = document.querySelector("#block-robustness .table-scroll");
      scroll.scrollLeft = 200;
      const head = scroll.querySelector("tbody th").getBoundingClientRect();
      return { offset: head.left - scroll.getBoundingClientRect().left, scrolled: scroll.scrollLeft };
    });
    assert.ok(first.scrolled > 100 && Math.abs(first.offset) < 2, `first column at ${first.offset}`);
    await page.locator(".card").first().click();
    const dialog = await page.locator("dialog[open]").boundingBox();
    assert.ok(dialog.width <= 360 && await page.evaluate(() => document.documentElement.scrollWidth) === 360);
    assert.ok(await page.evaluate(() => { const node = document.querySelector("dialog"); return node.scrollWidth <= node.clientWidth; }), "the dialog overflows");
  },

  async wide_figures_use_the_width(open) {
    const { page } = await open();
    await drawAll(page);
    const width = () => page.evaluate(() => document.querySelector(".figure-holder canvas").getBoundingClientRect().width);
    const before = await width();
    await page.getByRole("button", { name: "Full width: figure 1", exact: true }).click();
    await settle(page);
    assert.ok(await width() > before * 1.1 && await width() > 1050, `${before} -> ${await width()}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 1280);
  },

  async paper_shows_every_figure(open) {
    const { page } = await open();
    await page.getByRole("button", { name: "Change to dark colours" }).click();
    await page.emulateMedia({ media: "print" });
    await page.waitForFunction(() => window.robiqReport.figures.every((figure) => figure.printView), null, { timeout: 60000 });
    const canvases = page.locator(".print-holder canvas");
    const count = await page.evaluate(() => window.robiqReport.figures.length);
    assert.equal(await canvases.count(), count);
    for (let place = 0; place < count; ++place) {
      assert.ok(await canvases.nth(place).isVisible() && await canvases.nth(place).evaluate(canvasHasContent), `figure ${place + 1}`);
    }
    for (const hidden of [".bar", ".contents", ".block-tools", ".figure-holder"]) {
      assert.ok(!await page.locator(hidden).first().isVisible(), `${hidden} is printed`);
    }
    assert.equal(await page.locator("details:not([open])").count(), 0);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    await page.emulateMedia({ media: "screen" });
    await page.waitForFunction(() => document.querySelectorAll(".print-holder canvas").length <= 1); // that with pictures stays
  },

  async figures_with_pictures_are_ready_for_paper(open) {
    const { page } = await open();
    await page.waitForFunction(() => window.robiqReport.figures.at(-1).printView, null, { timeout: 60000 });
    await page.waitForTimeout(300);
    const colours = await page.locator(".print-holder canvas").last().evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok(colours > 1000, `${colours} colours`);
  },

  async printing_makes_a_whole_document(open) {
    const { page } = await open();
    const pdf = await page.pdf({ format: "A4" }); // beforeprint must have drawn what was never scrolled to
    await page.evaluate(() => window.robiqReport.figures.forEach((figure) => { figure.drawForPrint = async () => {}; }));
    const without = await page.pdf({ format: "A4" });
    assert.ok(pdf.length > without.length + 50000, `${pdf.length} bytes, ${without.length} without figures`);
  },

  async everything_has_a_name(open) {
    const { page } = await open();
    await drawAll(page);
    await page.locator(".card").first().click();
    assert.deepEqual(await page.evaluate(faultsOfAccess), []);
  },

  async texts_have_contrast(open) {
    const { page } = await open();
    await page.locator(".chip").first().click();
    assert.deepEqual(await page.evaluate(faintTexts), []);
    await page.getByRole("button", { name: "Change to dark colours" }).click();
    assert.deepEqual(await page.evaluate(faintTexts), []);
    await page.locator(".card").first().click();
    assert.deepEqual(await page.evaluate(faintTexts), []);
  },
};
