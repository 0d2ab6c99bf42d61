// What several checks of the page do.
import assert from "node:assert/strict";

/** Scrolls to every figure until it is drawn. A busy machine may take long over one. */
export async function drawAll(page) {
  const count = await page.evaluate(() => window.robiqReport.figures.length);
  for (let place = 0; place < count; ++place) {
    await page.waitForFunction((index) => {
      const figure = window.robiqReport.figures[index];
      // What is drawn above it may push it off the screen again.
      if (!figure.near) figure.node.scrollIntoView({ behavior: "instant", block: "center" });
      return figure.near && figure.view && !figure.stale;
    }, place, { timeout: 60000 });
  }
  return count;
}

/** Until nothing is being drawn any more. */
export async function settle(page) {
  await page.waitForFunction(() => window.robiqReport.figures.every((figure) => !figure.near || (!figure.stale && figure.holder.children.length <= 1)));
  await page.waitForTimeout(50);
}

/** Where on the screen a mark of a figure stands that `wanted` (source of a function of a datum) accepts. */
export async function placeOfPoint(page, figure, wanted) {
  await page.evaluate((index) => window.robiqReport.figures[index].node.scrollIntoView({ behavior: "instant", block: "start" }), figure);
  await page.waitForFunction((index) => window.robiqReport.figures[index].view, figure);
  await settle(page);
  return page.evaluate(([index, source]) => {
    const accepts = new Function("datum", `return ${source}`);
    const { points, holder } = window.robiqReport.figures[index];
    const canvas = holder.querySelector("canvas").getBoundingClientRect();
    const all = points.all();
    // The one that stands most alone, so that no other is under the pointer.
    const alone = (point) => Math.min(...all.filter((other) => other !== point).map((other) => Math.hypot(other.x - point.x, other.y - point.y)));
    return all.filter(({ item }) => accepts(item.datum))
      .map((point) => ({ x: canvas.left + point.x, y: canvas.top + point.y, datum: { ...point.item.datum }, alone: alone(point) }))
      .filter(({ y }) => y > 120 && y < window.innerHeight - 20)
      .sort((one, other) => other.alone - one.alone)[0] ?? null;
  }, [figure, wanted]);
}

/** The numbers or words of a column of a table, one value of each cell. */
export function columnTexts(page, table, column, part) {
  return page.evaluate(([id, place, index]) => [...document.querySelectorAll(`#block-${id} tbody tr`)].map((row) =>
    row.children[place].textContent.replace(/printed$/, "").split(" / ")[index]?.replace(/ ±.*/, "").replace("−", "-").trim()), [table, column, part]);
}

/** Fails unless the texts are numbers in order; dashes stand last. */
export function assertSorted(texts, direction) {
  const numbers = texts.filter((text) => text !== "–").map(Number);
  assert.ok(numbers.length > 2 && numbers.every(Number.isFinite), `no numbers: ${texts}`);
  numbers.slice(1).forEach((value, place) => assert.ok(direction * (value - numbers[place]) >= 0, `not in order: ${texts}`));
  assert.ok(texts.slice(0, numbers.length).every((text) => text !== "–"), `a dash before a number: ${texts}`);
}

/** How many things a figure shows that stand for data: not its axes, titles and legends. */
export function countMarks(figure) {
  const count = (group) => (group.items ?? []).reduce((sum, mark) => sum + (mark.marktype === "group"
    ? mark.items.reduce((inner, child) => inner + count(child), 0) : mark.role === "mark" ? mark.items.length : 0), 0);
  return window.robiqReport.figures[figure].view.view.scenegraph().root.items.reduce((sum, group) => sum + count(group), 0);
}

/** Whether a canvas shows anything: its pixels are not all of one colour. */
export function canvasHasContent(canvas) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let different = 0;
  for (let place = 4; place < data.length; place += 4) {
    if (data[place] !== data[0] || data[place + 3] !== data[3]) ++different;
  }
  return different > 500;
}
