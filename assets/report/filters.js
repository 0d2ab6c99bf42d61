// The bar with the filters by model, attack and defense.
import { element, button } from "./dom.js";
import { dimensions } from "./report_data.js";

const dimensionTitles = { model: "Model", attack: "Attack", defense: "Defense" };

/** Which models, attacks and defenses are to be seen; nothing chosen means all. */
export class Filters {
  constructor(report) {
    this.chosen = Object.fromEntries(dimensions.map((dimension) => [dimension, new Set()]));
    this.listeners = [];
    this.values = Object.fromEntries(dimensions.map((dimension) => [dimension, report.values(dimension)]));
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  /** Whether something that is about `about` ({model, attack, defense}, "" for several) is to be seen. */
  passes(about) {
    return dimensions.every((dimension) => {
      const value = about?.[dimension];
      return !value || this.chosen[dimension].size === 0 || this.chosen[dimension].has(value);
    });
  }

  isEmpty() {
    return dimensions.every((dimension) => this.chosen[dimension].size === 0);
  }

  /** "HyperIQA · FGSM, PGD", or "" without a filter. */
  summary() {
    return dimensions.filter((dimension) => this.chosen[dimension].size > 0)
      .map((dimension) => [...this.chosen[dimension]].join(", ")).join(" · ");
  }

  toggle(dimension, value) {
    const chosen = this.chosen[dimension];
    if (!chosen.delete(value)) chosen.add(value);
    if (chosen.size === this.values[dimension].length) chosen.clear();
    this.tell();
  }

  clear() {
    dimensions.forEach((dimension) => this.chosen[dimension].clear());
    this.tell();
  }

  tell() {
    this.listeners.forEach((listener) => listener());
  }
}

/** The chips of all filters; a group with a single value has nothing to choose and is left out. */
export function buildFilterBar(filters) {
  const chips = [];
  const groups = dimensions.filter((dimension) => filters.values[dimension].length > 1).map((dimension) =>
    element("div", { class: "filter-group", role: "group", "aria-label": `${dimensionTitles[dimension]} filter` },
      element("span", { class: "filter-title" }, dimensionTitles[dimension]),
      filters.values[dimension].map((value) => {
        const chip = button(value, () => filters.toggle(dimension, value), { class: "chip", "aria-pressed": "false" });
        chips.push({ chip, dimension, value });
        return chip;
      })));
  if (groups.length === 0) return null;

  const clear = button("Show all", () => filters.clear(), { class: "quiet", disabled: true });
  const summary = element("span", { class: "filter-summary" }, "all shown");
  const body = element("div", { class: "filter-body", id: "filter-body" }, groups, clear);
  const fold = button("Filter", () => {
    const open = body.classList.toggle("open");
    fold.setAttribute("aria-expanded", String(open));
  }, { class: "filter-fold", "aria-expanded": "false", "aria-controls": "filter-body" });
  filters.onChange(() => {
    for (const { chip, dimension, value } of chips) {
      chip.setAttribute("aria-pressed", String(filters.chosen[dimension].has(value)));
    }
    clear.disabled = filters.isEmpty();
    summary.textContent = filters.isEmpty() ? "all shown" : `only ${filters.summary()}`;
  });
  return element("div", { class: "filters", role: "search", "aria-label": "Filters" },
    element("div", { class: "filter-head" }, fold, summary), body);
}
