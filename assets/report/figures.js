// Figures: drawn when they come near the screen, and again when the filters, the colours or the width change.
import { announce, button, element, saveFile } from "./dom.js";
import { dimensions } from "./report_data.js";
import { PointMap, isPicture } from "./points.js";
import { containsPictures, dataUses, estimatedHeight, estimatedWidth, fitted, withoutExcludedPanels } from "./specs.js";
import { validXml } from "./escape.mjs";
import { figureConfig } from "./theme.mjs";

/** In pixels; paper is narrower, and finer. */
const printWidth = 940;

/** Whether this page carries what draws. */
export const canDraw = () => typeof window.vegaEmbed === "function";

const isDark = () => document.documentElement.dataset.theme === "dark";

/** One figure of the report. */
export class ReportFigure {
  constructor(block, report, filters, tip, number) {
    Object.assign(this, { block, report, filters, tip, number });
    this.view = null; // of the drawing on the screen
    this.stale = true; // whether a drawing would look different
    this.near = false; // whether it is on the screen or close to it
    this.drawing = 0; // counts drawings, so that a slow one does not replace a later one
    this.wide = false;
    this.hasPictures = containsPictures(block.spec);
    this.holder = element("div", { class: "figure-holder", role: "img", "aria-label": `Figure ${number}: ${block.caption}`, tabindex: "-1" });
    this.printHolder = element("div", { class: "print-holder", "aria-hidden": "true" });
    this.message = element("p", { class: "nothing", hidden: true });
    this.node = element("figure", { class: "block figure-block", id: `block-${block.id}` },
      element("figcaption", { id: `caption-${block.id}` }, element("b", {}, `Figure ${number}. `), block.caption),
      element("div", { class: "figure-scroll" }, this.holder, this.printHolder), this.message, this.foot());
    this.holder.style.minHeight = `${Math.min(1600, estimatedHeight(fitted(block.spec, 900)))}px`;
    filters.onChange(() => this.refresh());
  }

  foot() {
    const label = (what) => ({ class: "quiet", "aria-label": `${what}: figure ${this.number}` });
    this.widen = button("Full width", () => this.toggleWide(), { ...label("Full width"), class: "quiet widen", "aria-pressed": "false" });
    return element("div", { class: "block-foot" }, element("div", { class: "block-tools" },
      button("Save as SVG", () => this.saveSvg(), label("Save as SVG")),
      button("Save as PNG", () => this.savePng(), label("Save as PNG")), this.widen));
  }

  /** Marks the drawing as old, and draws anew at once where it can be seen. */
  refresh() {
    this.stale = true;
    if (this.hasPictures) this.prepareForPrint();
    if (this.near) this.draw();
  }

  setNear(near) {
    this.near = near;
    if (near && this.stale) this.draw();
  }

  toggleWide() {
    this.wide = !this.wide;
    this.node.classList.toggle("wide", false);
    const margin = 24;
    this.node.style.setProperty("--wide-width", `${document.documentElement.clientWidth - 2 * margin}px`);
    this.node.style.setProperty("--wide-outset", `${margin - this.node.getBoundingClientRect().left}px`);
    this.node.classList.toggle("wide", this.wide);
    this.widen.setAttribute("aria-pressed", String(this.wide));
    this.refresh();
  }

  /** What is to be drawn under the present filters: {spec, values}, or null when nothing is left. */
  content() {
    const spec = withoutExcludedPanels(this.block.spec, this.filters.chosen);
    if (!spec) return null;
    const selection = Object.fromEntries(dimensions.map((dimension) => [dimension, this.filters.chosen[dimension]]));
    const values = {};
    for (const [name, clauses] of Object.entries(dataUses(spec))) values[name] = this.report.rows(name, selection, clauses);
    if (Object.values(values).length > 0 && Object.values(values).every((rows) => rows.length === 0)) return null;
    return { spec, values };
  }

  /** Makes a drawing in `holder`; resolves to what vega-embed gives. */
  embed(holder, content, { available, dark, correction = 1, background = null, scaleFactor = window.devicePixelRatio || 1 }) {
    const spec = fitted(content.spec, available, { correction, stretch: this.wide });
    const config = figureConfig({ dark, background, legendColumns: Math.max(1, Math.floor(available / 120)) });
    return window.vegaEmbed(holder, spec, {
      mode: "vega-lite", renderer: "canvas", actions: false, defaultStyle: false, tooltip: false, config, scaleFactor,
      ast: false, logLevel: window.vega.Error,
      patch: (compiled) => {
        for (const data of compiled.data ?? []) {
          if (Object.hasOwn(content.values, data.name)) data.values = content.values[data.name];
        }
        return compiled;
      },
    });
  }

  /** Draws into `holder` so that nothing is wider than `available`; each drawing shows how far the guess before it was off. */
  async embedFitting(holder, content, options) {
    const mostDrawings = 4;
    let result = await this.embed(holder, content, options);
    let correction = 1;
    for (let drawings = 1; drawings < mostDrawings && drawnWidth(holder) > options.available + 1; ++drawings) {
      const width = drawnWidth(holder);
      const fixed = fixedWidth(result, width);
      result.finalize();
      correction *= Math.max(0.2, (options.available - fixed) / Math.max(1, width - fixed)) * 0.99;
      result = await this.embed(holder, this.content(), { ...options, correction });
    }
    return result;
  }

  async draw() {
    if (!canDraw()) return;
    this.stale = false;
    const drawing = ++this.drawing;
    const content = this.content();
    this.message.hidden = content !== null;
    this.holder.hidden = content === null;
    if (content === null) {
      this.message.textContent = "Nothing in this figure passes the filters.";
      this.dropView();
      return;
    }
    const place = element("div", { class: "drawing" });
    this.holder.append(place);
    try {
      const available = Math.max(220, this.node.clientWidth - 2);
      const result = await this.embedFitting(place, content, { available, dark: isDark() });
      if (drawing !== this.drawing) {
        result.finalize();
        place.remove();
        return;
      }
      this.dropView();
      this.view = result;
      [...this.holder.children].filter((child) => child !== place).forEach((child) => child.remove());
      this.holder.style.minHeight = "";
      this.listen(result.view);
    } catch (error) {
      place.remove();
      this.message.textContent = `This figure could not be drawn: ${error.message}`;
      this.message.hidden = false;
      console.error(`figure ${this.block.id}`, error);
    }
    this.node.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
  }

  dropView() {
    this.view?.finalize();
    this.view = null;
  }

  /** Points name their picture under the pointer, and open it when they are clicked. */
  listen(view) {
    const canvas = this.holder.querySelector("canvas");
    this.points = new PointMap(view);
    const found = (event, under) => this.points.nearest(event.offsetX, event.offsetY, event.pointerType === "touch" ? 18 : 7) ?? under;
    view.addEventListener("pointermove", (event, under) => {
      const item = found(event, under);
      canvas.style.cursor = isPicture(item) ? "pointer" : "";
      this.tip.show(event, item);
    });
    view.addEventListener("pointerout", () => this.tip.hide());
    view.addEventListener("click", (event, under) => {
      const item = found(event, under);
      if (!isPicture(item)) return;
      this.tip.hide();
      this.node.dispatchEvent(new CustomEvent("picture", { bubbles: true, detail: { record: item.datum, from: this.holder } }));
    });
  }

  /** A drawing for a file: light, on paper. */
  async forFile() {
    const content = this.content();
    if (!content) throw new Error("nothing passes the filters");
    const place = element("div", { class: "off-screen" });
    document.body.append(place);
    const result = await this.embedFitting(place, content, { available: 1100, dark: false, background: "#ffffff" });
    return { result, done: () => { result.finalize(); place.remove(); } };
  }

  async saveSvg() {
    const { result, done } = await this.forFile();
    saveFile(`${this.block.id}.svg`, new Blob([validXml(await result.view.toSVG())], { type: "image/svg+xml" }));
    done();
    announce(`${this.block.id}.svg saved`);
  }

  async savePng() {
    const { result, done } = await this.forFile();
    const canvas = await result.view.toCanvas(2);
    const content = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    saveFile(`${this.block.id}.png`, content);
    done();
    announce(`${this.block.id}.png saved`);
  }

  /** A light drawing for paper, whatever the screen shows. */
  async drawForPrint() {
    if (!canDraw() || this.printing) return;
    this.printing = true;
    this.printHolder.replaceChildren();
    const content = this.content();
    if (!content) return;
    this.printView = await this.embedFitting(this.printHolder, content, { available: printWidth, dark: false, scaleFactor: 2 });
  }

  /** Pictures are decoded later than a browser waits for before it prints, so that their figures are drawn ahead. */
  prepareForPrint() {
    const idle = window.requestIdleCallback ?? ((action) => setTimeout(action, 200));
    this.forgetPrint();
    idle(() => this.drawForPrint());
  }

  dropPrint() {
    if (!this.hasPictures) this.forgetPrint();
  }

  forgetPrint() {
    this.printing = false;
    this.printView?.finalize();
    this.printView = null;
    this.printHolder.replaceChildren();
  }
}

function drawnWidth(holder) {
  return holder.querySelector("canvas")?.getBoundingClientRect().width ?? 0;
}

/** How much of a drawing's width is axes, legends and room between panels, which no factor changes. */
function fixedWidth(result, width) {
  let panels = 0;
  const row = (group) => group.items.filter((item) => item.marktype === "group").flatMap((mark) => mark.items);
  const widest = (group) => {
    const children = row(group).filter((child) => child.width > 0 && child.datum !== undefined && child.context);
    if (children.length === 0) return group.width || 0;
    const rows = new Map();
    for (const child of children) rows.set(Math.round(child.y), (rows.get(Math.round(child.y)) ?? 0) + widest(child));
    return Math.max(...rows.values());
  };
  try {
    panels = widest(result.view.scenegraph().root.items[0]);
  } catch {
    panels = width * 0.75;
  }
  return Math.min(width * 0.6, Math.max(0, width - panels));
}
