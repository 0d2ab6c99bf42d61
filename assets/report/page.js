// Puts the page together.
import { button, countOf, element, formatCount, prose } from "./dom.js";
import { ReportData } from "./report_data.js";
import { Filters, buildFilterBar } from "./filters.js";
import { ReportTable } from "./tables.js";
import { ReportFigure, canDraw } from "./figures.js";
import { Tip } from "./tip.js";
import { PicturePanel } from "./pictures.js";
import { Gallery } from "./gallery.js";
import { buildRuns } from "./runs.js";

const report = new ReportData(JSON.parse(document.getElementById("robiq-report").textContent));
const { island } = report;
const filters = new Filters(report);
const tip = new Tip(report);
const panel = new PicturePanel(report);
const figures = [];
const tables = [];
let gallery = null;

/** "1,162 pictures", "8 models", ... */
function inventory() {
  const count = (dimension, noun) => filters.values[dimension].length > 0 && countOf(filters.values[dimension].length, noun);
  return [report.pictures.length > 0 && countOf(report.pictures.length, "picture"), count("model", "model"), count("attack", "attack"),
    report.pointCount() > 0 && countOf(report.pointCount(), "measured score"), island.runs?.length > 0 && countOf(island.runs.length, "run"),
    island.robiq_version && `robiq ${island.robiq_version}`].filter(Boolean);
}

function hints() {
  const entries = [
    ["Tables", "A click on a heading sorts: ascending, descending, as written. Bold is the best of its column. Rows marked “printed” are the numbers of the paper."],
    Object.values(filters.values).some((values) => values.length > 1) && ["Filters", "The bar above stays with you. Choose models, attacks or defenses; tables, figures and examples follow."],
    canDraw() && report.pictures.length > 0 && ["Points", "Each point of a scatter plot is one picture. Point at it for its name and scores; click to see it."],
    report.examples.length > 0 && ["Pictures", "Clean, adversarial and amplified difference at native pixels, for chosen pictures."],
  ].filter(Boolean);
  return element("details", { class: "how" }, element("summary", {}, "How to read this page"),
    element("dl", {}, entries.map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text)))));
}

function pageHeader() {
  return element("header", { class: "page-header" },
    element("h1", {}, island.title), element("p", { class: "inventory" }, inventory().join(" · ")),
    prose(island.text),
    !canDraw() && hasFigures() && element("p", { class: "warning" }, "This page has tables and no figures: robiq was built without them " +
      "(ROBIQ_WITH_FIGURES=OFF). Their specifications are under figures/ beside this page."),
    hints());
}

function hasFigures() {
  return island.sections.some((section) => section.blocks.some((block) => block.kind === "figure"));
}

function figureNode(block) {
  if (!canDraw()) {
    return element("figure", { class: "block" }, element("figcaption", {}, block.caption),
      element("p", { class: "nothing" }, `Not drawn; see figures/${block.id}.vl.json.`));
  }
  const figure = new ReportFigure(block, report, filters, tip, figures.length + 1);
  figures.push(figure);
  return figure.node;
}

function blockNode(block) {
  if (block.kind === "figure") return figureNode(block);
  const table = new ReportTable(block, filters, tables.length + 1);
  tables.push(table);
  return table.node;
}

function sectionNode(id, title, ...content) {
  return element("section", { class: "report-section", id: `section-${id}`, "aria-labelledby": `title-${id}` },
    element("h2", { id: `title-${id}` }, title), ...content);
}

/** Opens any picture by its name: the way to the panel without a pointer. */
function pictureFinder() {
  const places = new Map(report.pictures.map((picture, place) => [picture.name, place]));
  const open = (event) => {
    event.preventDefault();
    const picture = places.get(input.value.trim());
    const records = picture === undefined ? [] : report.recordsOfPicture(picture);
    message.textContent = picture === undefined ? "No picture has this name." : "";
    if (picture !== undefined) panel.open(records.length > 0 ? [records[0]] : [{ picture }], 0, input);
  };
  const input = element("input", { id: "picture-name", list: "picture-names", autocomplete: "off", placeholder: "name of a picture" });
  const message = element("span", { class: "finder-message", role: "status" });
  return element("form", { class: "finder", submit: open }, element("label", { for: "picture-name" }, "Open a picture"), input,
    element("datalist", { id: "picture-names" }, report.pictures.map((picture) => element("option", { value: picture.name }))),
    element("button", { type: "submit" }, "Open"), message);
}

function sections() {
  const cards = island.runs?.length > 0 ? buildRuns(island.runs) : null;
  const nodes = island.sections.filter((section) => section.id !== "runs").map((section) =>
    [section.id, section.title, sectionNode(section.id, section.title, prose(section.text), section.blocks.map(blockNode))]);
  if (report.examples.length > 0) gallery = new Gallery(report, filters, panel);
  if (report.pictures.length > 0) {
    const text = "Each pair is the clean and the adversarial picture, at native pixels, with the normalised score before and after. " +
      "A click opens both with their difference; the arrow keys go on from there.";
    nodes.push(["picture-examples", "Picture by picture", sectionNode("picture-examples", "Picture by picture", report.examples.length > 0 ? prose(text) : null, pictureFinder(),
      gallery?.node)]);
  }
  const runs = island.sections.find((section) => section.id === "runs");
  if (runs || cards) {
    const text = runs?.text || "What these numbers come from: commands, versions, seeds, hashes and times.";
    nodes.push(["runs", runs?.title ?? "Runs", sectionNode("runs", runs?.title ?? "Runs", prose(text), cards, (runs?.blocks ?? []).map(blockNode))]);
  }
  return nodes;
}

function contentsList(entries) {
  const links = entries.map(([id, title]) => element("li", {}, element("a", { href: `#section-${id}` }, title)));
  const list = element("nav", { class: "contents", "aria-label": "Contents" },
    element("details", { open: window.innerWidth >= 1080 }, element("summary", {}, "Contents"), element("ol", {}, links)));
  list.addEventListener("click", (event) => {
    if (event.target.matches("a") && window.innerWidth < 1080) list.querySelector("details").open = false;
  });
  return list;
}

/** Marks the section that is being read in the list of contents. */
function followReading(contents) {
  const nodes = [...document.querySelectorAll(".report-section")];
  const mark = () => {
    const read = nodes.findLast((node) => node.getBoundingClientRect().top < window.innerHeight * 0.35);
    contents.querySelectorAll("a").forEach((link) => {
      if (read && link.hash === `#${read.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  document.addEventListener("scroll", mark, { passive: true });
  mark();
}

const kept = {
  get: () => { try { return localStorage.getItem("robiq-theme"); } catch { return null; } },
  set: (theme) => { try { localStorage.setItem("robiq-theme", theme); } catch { /* a private window keeps nothing */ } },
};

/** Light or dark: as the system says until the reader chooses. */
function themeSwitch() {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const control = button("", () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    kept.set(theme);
    apply(theme);
  }, { class: "quiet theme-switch" });
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    control.textContent = theme === "dark" ? "Light" : "Dark";
    control.setAttribute("aria-label", theme === "dark" ? "Change to light colours" : "Change to dark colours");
    figures.forEach((figure) => figure.refresh());
  };
  const asSystem = () => kept.get() ?? (system.matches ? "dark" : "light");
  system.addEventListener("change", () => apply(asSystem()));
  apply(asSystem());
  return control;
}

/** Draws figures when they come near the screen, and again when the room for them changes. */
function watchFigures() {
  const watcher = new IntersectionObserver((entries) => entries.forEach((entry) => {
    figures.find((figure) => figure.node === entry.target)?.setNear(entry.isIntersecting);
  }), { rootMargin: "500px 0px" });
  figures.forEach((figure) => watcher.observe(figure.node));
  let width = window.innerWidth;
  let timer = 0;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(timer);
    timer = setTimeout(() => figures.forEach((figure) => figure.refresh()), 150);
  });
}

/** On paper every figure is drawn, light, and every fold is open. */
function watchPrinting() {
  let folds = [];
  const begin = () => {
    folds = folds.concat([...document.querySelectorAll("details:not([open])")]);
    folds.forEach((fold) => { fold.open = true; });
    gallery?.showPictures();
    tables.forEach((table) => table.fitForPrint());
    return Promise.all(figures.map((figure) => figure.drawForPrint()));
  };
  const end = () => {
    folds.forEach((fold) => { fold.open = false; });
    folds = [];
    figures.forEach((figure) => figure.dropPrint());
  };
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
  window.matchMedia("print").addEventListener("change", (event) => (event.matches ? begin() : end()));
}

function build() {
  const entries = sections();
  const contents = contentsList(entries);
  const bar = element("div", { class: "bar" }, buildFilterBar(filters) ?? element("span"), themeSwitch());
  document.getElementById("page").append(bar, element("div", { class: "layout" }, contents,
    element("main", { id: "main" }, pageHeader(), entries.map(([, , node]) => node),
      element("footer", {}, `Made by robiq ${island.robiq_version ?? ""}. One file: nothing is fetched when it is opened.`))));
  document.body.append(tip.node, panel.dialog);
  document.addEventListener("picture", (event) => panel.open([event.detail.record], 0, event.detail.from));
  document.addEventListener("scroll", () => tip.hide(), { passive: true });
  watchFigures();
  watchPrinting();
  followReading(contents);
  // For the browser's console, and for tests.
  window.robiqReport = { report, filters, figures, tables, panel, points: formatCount(report.pointCount()) };
}

build();
