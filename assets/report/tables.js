// Tables that sort, hide what the filters exclude, and can be copied.
import { button, copyText, element, formatNumber } from "./dom.js";
import { tableAsCsv, tableAsLatex, tableAsMarkdown } from "./table_text.js";

/** A value of a cell as printed: number, deviation in small, or word. */
function valueNode(value) {
  const text = typeof value.v === "string" ? value.v : formatNumber(value.v, value.d ?? 4);
  const node = element(value.best ? "strong" : "span", { class: value.best ? "best" : null }, text);
  if (typeof value.sd !== "number") return node;
  return element("span", {}, node, element("small", { class: "deviation" }, ` ± ${formatNumber(value.sd, value.d ?? 4)}`));
}

function cellNodes(cell) {
  return cell.flatMap((value, index) => (index === 0 ? [valueNode(value)] : [element("span", { class: "slash" }, " / "), valueNode(value)]));
}

/** Whether a column holds numbers, so that it is set flush right. */
function isNumeric(rows, column) {
  return rows.some((row) => row.cells[column]?.some((value) => typeof value.v === "number"));
}

/** Whether a column holds texts that are better read over several lines. */
function hasLongTexts(rows, column) {
  return rows.some((row) => row.cells[column]?.some((value) => typeof value.v === "string" && value.v.length > 60));
}

/** A heading's first line, and what the values of its cells are called: the parts of the second line, or what tells the
 *  keys apart ("base" and "+NT" of "srocc_base" and "srocc_nt", "rmse" and "srocc" of "rmse.CNNIQA" and "srocc.CNNIQA"). */
function headingOf(column) {
  const [title, below = ""] = column.name.split("\n");
  const parts = below.split(" / ");
  if (column.keys.length === 1) return { title: column.name.replaceAll("\n", " "), parts: [] };
  if (parts.length === column.keys.length) return { title, parts };
  return { title: column.name.replaceAll("\n", " "), parts: partNames(column.keys) };
}

function partNames(keys) {
  const separator = keys[0].includes(".") ? "." : "_";
  const split = keys.map((key) => key.split(separator));
  const differs = (place) => split.some((segments) => segments[place] !== split[0][place]);
  const name = (part) => (part === "nt" ? "+NT" : part.replaceAll("_", " "));
  return split.map((segments) => name(segments.filter((_, place) => differs(place)).join(" ")));
}

/** Numbers before words, nothing measured always last. */
function compareValues(one, other, direction) {
  const empty = (value) => value === null || value === undefined || value === "";
  if (empty(one) || empty(other)) return empty(one) - empty(other);
  if (typeof one === "number" && typeof other === "number") return direction * (one - other);
  if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
  return direction * one.localeCompare(other, "en", { numeric: true });
}

/** One table of the report. */
export class ReportTable {
  constructor(block, filters, number) {
    this.block = block;
    this.filters = filters;
    this.sorting = null; // {column, part, direction}
    this.long = block.columns.map((_, column) => hasLongTexts(block.rows, column));
    this.numeric = block.columns.map((_, column) => isNumeric(block.rows, column));
    this.table = element("table", { "aria-labelledby": `caption-${block.id}` });
    this.empty = element("p", { class: "nothing", hidden: true }, "No row passes the filters.");
    this.scroll = element("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-labelledby": `caption-${block.id}` }, this.table);
    this.node = element("figure", { class: "block table-block", id: `block-${block.id}` },
      element("figcaption", { id: `caption-${block.id}` }, element("b", {}, `Table ${number}. `), block.caption),
      this.scroll, this.empty, this.foot());
    filters.onChange(() => this.render());
    this.render();
    this.scroll.addEventListener("scroll", () => this.markMore(), { passive: true });
    new ResizeObserver(() => this.markMore()).observe(this.scroll);
  }

  /** Shows at the right edge that there is more to scroll to. */
  markMore() {
    this.scroll.classList.toggle("more", this.scroll.scrollLeft + this.scroll.clientWidth < this.scroll.scrollWidth - 2);
  }

  /** Letters small enough for the whole width of the table to stand on a sheet of paper. */
  fitForPrint() {
    const widthAtOnePoint = this.table.scrollWidth / (parseFloat(getComputedStyle(this.table).fontSize) || 14);
    this.table.style.setProperty("--print-size", `${Math.max(4.5, Math.min(8.5, 505 / widthAtOnePoint)).toFixed(2)}pt`);
  }

  /** Notes, and the ways to take the table along. */
  foot() {
    const copy = (title, make) => button(title, () => copyText(make(this.shown()), `Table as ${title}`), {
      class: "quiet", "aria-label": `Copy table ${this.block.id} as ${title}`,
    });
    const notes = this.block.notes ?? [];
    return element("div", { class: "block-foot" },
      notes.length > 0 && element("details", { class: "notes" },
        element("summary", {}, notes.length === 1 ? "Note" : `${notes.length} notes`),
        element("ul", {}, notes.map((note) => element("li", {}, note)))),
      element("div", { class: "block-tools" }, element("span", { class: "tool-title" }, "Copy as"),
        copy("CSV", tableAsCsv), copy("Markdown", tableAsMarkdown), copy("LaTeX", tableAsLatex)));
  }

  /** The columns and the rows that the filters leave, in the order that is shown. */
  shown() {
    const { columns, rows } = this.block;
    const kept = columns.map((_, index) => index).filter((index) => this.filters.passes(columns[index].about));
    let shownRows = rows.filter((row) => this.filters.passes(row.about));
    if (this.sorting) {
      const { column, part, direction } = this.sorting;
      shownRows = [...shownRows].sort((one, other) =>
        compareValues(one.cells[column]?.[part]?.v, other.cells[column]?.[part]?.v, direction));
    }
    return {
      caption: this.block.caption,
      columns: kept.map((index) => columns[index]),
      numeric: kept.map((index) => this.numeric[index]),
      long: kept.map((index) => this.long[index]),
      rows: shownRows.map((row) => ({ ...row, cells: kept.map((index) => row.cells[index] ?? []) })),
      indexes: kept,
    };
  }

  /** Ascending, descending, as written. */
  sortBy(column, part) {
    const same = this.sorting?.column === column && this.sorting.part === part;
    if (!same) this.sorting = { column, part, direction: 1 };
    else this.sorting = this.sorting.direction === 1 ? { column, part, direction: -1 } : null;
    const focused = document.activeElement?.dataset.sort;
    this.render();
    if (focused) this.table.querySelector(`[data-sort="${focused}"]`)?.focus();
  }

  sortButton(column, part, text, label) {
    const active = this.sorting?.column === column && this.sorting.part === part;
    const arrow = element("span", { class: "arrow", "aria-hidden": "true" },
      active ? (this.sorting.direction === 1 ? "▲" : "▼") : "");
    return element("button", { type: "button", class: active ? "sort active" : "sort", "data-sort": `${column}-${part}`,
      "aria-label": label, title: "Sort", click: () => this.sortBy(column, part) }, text, arrow);
  }

  heading(column, index) {
    const sorted = this.sorting?.column === index ? (this.sorting.direction === 1 ? "ascending" : "descending") : "none";
    const { title, parts } = headingOf(column);
    return element("th", { scope: "col", "aria-sort": sorted, class: this.numeric[index] ? "numeric" : null },
      this.sortButton(index, 0, title || " ", `Sort by ${title || "the first column"}`),
      parts.length > 0 && element("span", { class: "parts" }, parts.flatMap((part, place) => [
        place > 0 ? " / " : "", this.sortButton(index, place, part, `Sort by ${title}, ${part}`)])));
  }

  groupRow(shown) {
    if (!shown.columns.some((column) => column.group)) return null;
    const cells = [];
    for (const column of shown.columns) {
      const last = cells.at(-1);
      if (last && last.group === (column.group ?? "")) ++last.span;
      else cells.push({ group: column.group ?? "", span: 1 });
    }
    return element("tr", { class: "groups" }, cells.map(({ group, span }) =>
      group ? element("th", { scope: "colgroup", colspan: span }, group) : element("td", { colspan: span })));
  }

  row(row, shown) {
    return element("tr", { class: row.reference ? "reference" : null }, row.cells.map((cell, place) => {
      const rowHead = place === 0;
      return element(rowHead ? "th" : "td", { scope: rowHead ? "row" : null, class: shown.numeric[place] ? "numeric" : shown.long[place] ? "long" : null },
        cellNodes(cell), rowHead && row.reference && element("span", { class: "printed-mark" }, "printed"));
    }));
  }

  render() {
    const shown = this.shown();
    const nothing = shown.rows.length === 0 || shown.columns.length === 0;
    this.empty.hidden = !nothing;
    this.scroll.hidden = nothing;
    this.table.replaceChildren(
      element("thead", {}, this.groupRow(shown),
        element("tr", {}, shown.columns.map((column, place) => this.heading(column, shown.indexes[place])))),
      element("tbody", {}, shown.rows.map((row) => this.row(row, shown))));
  }
}
