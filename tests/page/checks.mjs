// What the page does when somebody uses it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { assertSorted, canvasHasContent, columnTexts, countMarks, drawAll, placeOfPoint, settle } from "./steps.mjs";

const headings = (page, table) => page.locator(`#block-${table} thead tr:last-child > th`);

export const behaviourChecks = {
  async loads_without_error_or_request(open) {
    const { page, troubles } = await open();
    await drawAll(page);
    assert.deepEqual(troubles, []);
    const text = await page.locator("#section-clean > p").first().textContent();
    assert.ok(text.includes("</script><b>"), text); // text of data stays text
  },

  async every_figure_draws(open) {
    const { page } = await open();
    const count = await drawAll(page);
    assert.ok(count >= 7, `${count} figures`);
    for (let place = 0; place < count; ++place) {
      const canvas = page.locator(".figure-holder").nth(place).locator("canvas");
      assert.ok(await canvas.evaluate(canvasHasContent), `figure ${place + 1} is blank`);
      const marks = await page.evaluate(countMarks, place);
      assert.ok(marks >= 4, `figure ${place + 1} shows ${marks} things`);
    }
  },

  async tables_sort(open) {
    const { page } = await open();
    const robustness = headings(page, "robustness");
    const asWritten = await columnTexts(page, "robustness", 1, 0);
    await robustness.nth(1).locator(".sort").first().click();
    assertSorted(await columnTexts(page, "robustness", 1, 0), 1);
    assert.equal(await robustness.nth(1).getAttribute("aria-sort"), "ascending");
    await robustness.nth(1).locator(".sort").first().click();
    assertSorted(await columnTexts(page, "robustness", 1, 0), -1);
    assert.equal(await robustness.nth(1).getAttribute("aria-sort"), "descending");
    await page.keyboard.press("Enter"); // the heading kept the focus
    assert.deepEqual(await columnTexts(page, "robustness", 1, 0), asWritten);
    assert.equal(await robustness.nth(1).getAttribute("aria-sort"), "none");
    await robustness.nth(2).locator(".parts .sort").nth(1).click(); // the second value of "a / b"
    assertSorted(await columnTexts(page, "robustness", 2, 1), 1);
    await robustness.nth(0).locator(".sort").first().click();
    const names = await columnTexts(page, "robustness", 0, 0);
    assert.deepEqual(names, [...names].sort((one, other) => one.localeCompare(other, "en")));
  },

  async filters_reach_everything(open) {
    const { page } = await open();
    await drawAll(page);
    const panels = () => page.evaluate(() => window.robiqReport.figures.map((figure) => figure.content()?.spec.concat?.length ?? 0));
    const before = { rows: await page.locator("#block-clean tbody tr").count(), columns: await headings(page, "robustness").count(), panels: await panels(),
      cards: await page.locator(".card").count() };
    const chip = (name) => page.locator(".chip", { hasText: new RegExp(`^${name}$`) });
    await chip("DBCNN").click();
    await chip("FGSM").click();
    await chip("base").click();
    await settle(page);
    assert.equal(await chip("DBCNN").getAttribute("aria-pressed"), "true");
    const rows = await columnTexts(page, "clean", 0, 0);
    assert.ok(rows.length > 0 && rows.length < before.rows && rows.every((row) => row === "DBCNN"), `${rows}`);
    assert.equal(await headings(page, "robustness").count(), 3); // model, two columns of FGSM
    assert.ok(before.columns > 3);
    const after = await panels();
    assert.ok(before.panels[0] > 1 && after[0] === 1, `${before.panels} -> ${after}`);
    const shown = await page.evaluate(() => {
      const rowsOf = Object.values(window.robiqReport.figures[0].content().values)[0];
      return ["model", "attack", "defense"].map((field) => [...new Set(rowsOf.map((row) => row[field]))].join());
    });
    assert.deepEqual(shown, ["DBCNN", "FGSM", "base"]);
    assert.ok(await page.locator(".card").count() < before.cards);
    await page.getByRole("button", { name: "Show all", exact: true }).click();
    assert.equal(await page.locator("#block-clean tbody tr").count(), before.rows);
    assert.deepEqual(await panels(), before.panels);
  },

  async pointing_names_the_picture(open) {
    const { page } = await open();
    const point = await placeOfPoint(page, 0, "true");
    await page.mouse.move(point.x, point.y);
    const tip = page.locator("#tip");
    await tip.waitFor({ state: "visible", timeout: 15000 });
    const text = await tip.textContent();
    assert.ok(text.includes(point.datum.name) && text.includes(point.datum.model), text);
    assert.equal(await tip.locator("img").count(), 1);
    await page.mouse.move(5, 300);
    await tip.waitFor({ state: "hidden", timeout: 15000 });
  },

  async a_click_opens_the_picture(open) {
    const { page } = await open();
    const stored = await page.evaluate(() => window.robiqReport.report.examples.map((one) => `${one.picture}/${one.model}/${one.defense}/${one.attack}`));
    const key = "datum.picture + '/' + datum.model + '/' + datum.defense + '/' + datum.attack";
    const point = await placeOfPoint(page, 0, `!${JSON.stringify(stored)}.includes(${key})`);
    await page.mouse.click(point.x, point.y);
    const dialog = page.locator("dialog[open]");
    await dialog.waitFor({ timeout: 15000 });
    assert.equal(await dialog.locator("h2").textContent(), point.datum.name);
    assert.ok((await dialog.textContent()).includes("Pixels are stored for chosen pictures only"));
    assert.equal(await dialog.locator("img.thumbnail").count(), 1);
    const elsewhere = await dialog.locator(".others tbody tr").count();
    assert.ok(elsewhere >= 8, `${elsewhere} other scores`);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("dialog[open]").count(), 0);
    assert.ok(await page.evaluate(() => document.activeElement.classList.contains("figure-holder")), "the focus did not return");
  },

  async the_difference_is_what_it_says(open) {
    const { page } = await open();
    await page.locator(".card").first().click();
    const difference = page.locator("dialog canvas.pixels");
    await page.waitForFunction(() => document.querySelector("dialog canvas.pixels")?.dataset.drawn === "20");
    const wrongPixels = (amplification) => page.evaluate(async (times) => {
      const example = window.robiqReport.panel.list[window.robiqReport.panel.place];
      const read = async (source) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
        canvas.getContext("2d").drawImage(image, 0, 0);
        return canvas.getContext("2d").getImageData(0, 0, image.width, image.height).data;
      };
      const [clean, attacked] = [await read(example.clean), await read(example.attacked)];
      const canvas = document.querySelector("dialog canvas.pixels");
      const shown = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      let wrong = shown.length === clean.length ? 0 : 1;
      let changed = 0;
      for (let place = 0; place < shown.length; ++place) {
        if (place % 4 === 3) continue;
        const expected = Math.max(0, Math.min(255, 128 + times * (attacked[place] - clean[place])));
        if (shown[place] !== expected) ++wrong;
        if (shown[place] !== 128) ++changed;
      }
      return changed > 1000 ? wrong : -1;
    }, amplification);
    assert.equal(await wrongPixels(20), 0);
    await page.locator("#amplification").focus();
    await page.keyboard.press("End");
    await page.waitForFunction(() => document.querySelector("dialog canvas.pixels").dataset.drawn === "64");
    assert.equal(await wrongPixels(64), 0);
    assert.ok(await difference.isVisible());
  },

  async sliders_wipe_and_zoom(open) {
    const { page } = await open();
    await page.locator(".card").first().click();
    const over = page.locator("dialog .over");
    await page.locator("#wipe").fill("25");
    assert.match(await over.evaluate((node) => node.style.clipPath), /25%/);
    const width = async () => (await page.locator("dialog .pane img").last().boundingBox()).width;
    await page.waitForFunction(() => document.querySelector("dialog canvas.pixels")?.dataset.drawn);
    await page.locator("#zoom").fill("1");
    const native = await width();
    await page.locator("#zoom").fill("8");
    assert.equal(await width(), native * 8);
    assert.equal(await over.evaluate((node) => getComputedStyle(node).imageRendering), "pixelated");
  },

  async arrow_keys_go_through_the_examples(open) {
    const { page } = await open();
    const card = page.locator(".card").nth(1);
    await card.click();
    const about = () => page.locator("dialog h2, dialog .picture-about").allTextContents();
    const second = await about();
    await page.keyboard.press("ArrowLeft");
    assert.notDeepEqual(await about(), second);
    await page.keyboard.press("ArrowRight");
    assert.deepEqual(await about(), second);
    for (let press = 0; press < 30; ++press) {
      await page.keyboard.press("Tab");
      assert.ok(await page.evaluate(() => document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement)), "the focus left the dialog");
    }
    await page.keyboard.press("Escape");
    assert.ok(await card.evaluate((node) => node === document.activeElement), "the focus did not return");
  },

  async a_picture_opens_by_its_name(open) {
    const { page } = await open();
    const name = await page.evaluate(() => window.robiqReport.report.pictures[3].name);
    await page.locator("#picture-name").fill(name);
    await page.keyboard.press("Enter");
    assert.equal(await page.locator("dialog[open] h2").textContent(), name);
  },

  async dark_and_light(open) {
    const { page } = await open();
    await drawAll(page);
    const look = () => page.evaluate(() => [getComputedStyle(document.body).backgroundColor, document.querySelector(".figure-holder canvas").toDataURL()]);
    const light = await look();
    await page.getByRole("button", { name: "Change to dark colours" }).click();
    await page.evaluate(() => window.robiqReport.figures[0].node.scrollIntoView({ behavior: "instant" }));
    await settle(page);
    const dark = await look();
    assert.notEqual(dark[0], light[0]);
    assert.notEqual(dark[1], light[1]);
    await page.getByRole("button", { name: "Change to light colours" }).click();
    await settle(page);
    assert.deepEqual(await look(), light);
  },

  async figures_save_as_svg_and_png(open) {
    const { page, troubles } = await open();
    await page.emulateMedia({ colorScheme: "dark" }); // a file is light all the same
    await drawAll(page); // a figure that draws itself between press and release moves its buttons away
    await settle(page);
    const save = async (name) => {
      const waiting = page.waitForEvent("download").catch(async (error) => {
        const said = await page.locator("#status").textContent();
        throw new Error(`${name}: ${error.message.split("\n")[0]} the page says "${said}", in trouble: ${troubles.join("; ") || "none"}`);
      });
      const [download] = await Promise.all([waiting, page.getByRole("button", { name: `${name}: figure 1`, exact: true }).click()]);
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    };
    const svg = await save("Save as SVG");
    assert.match(svg.name, /^score-change-.*\.svg$/);
    const text = svg.bytes.toString();
    assert.ok(text.startsWith("<svg") && text.includes("DBCNN") && text.includes('fill="#ffffff"'), text.slice(0, 200));
    assert.ok(text.split("<path").length > 400, "no points");
    const png = await save("Save as PNG");
    assert.equal(png.bytes.subarray(1, 4).toString(), "PNG");
    assert.ok(png.bytes.length > 20000, `${png.bytes.length} bytes`);
  },

  async a_table_is_copied(open) {
    const { page } = await open();
    await page.evaluate(() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; });
    const copied = async (name) => {
      await page.getByRole("button", { name: `Copy table clean as ${name}`, exact: true }).click();
      return page.evaluate(() => window.copied);
    };
    const csv = (await copied("CSV")).trim().split("\n");
    assert.ok(csv[0].startsWith("model,rmse_base,rmse_nt,srocc_base"), csv[0]);
    assert.equal(csv.length - 1, await page.locator("#block-clean tbody tr").count());
    assert.ok((await copied("Markdown")).includes("| Model | RMSE ↓ |"));
    assert.ok((await copied("LaTeX")).includes("\\toprule"));
  },

  async without_packages_it_says_so(open) {
    const { page, troubles } = await open(() => Object.defineProperty(window, "vegaEmbed", { get: () => undefined, set: () => {} }));
    assert.ok((await page.locator(".page-header").textContent()).includes("ROBIQ_WITH_FIGURES=OFF"));
    assert.ok(await page.locator("#block-clean tbody tr").count() > 3);
    assert.equal(await page.locator("canvas").count(), 0);
    assert.deepEqual(troubles, []);
  },
};
