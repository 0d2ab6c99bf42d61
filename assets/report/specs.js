// What the page does to a Vega-Lite specification before it is drawn: panels that the filters exclude go, and widths
// and columns are made to fit. Specifications are never changed in place.
import { dimensions } from "./report_data.js";

const concatKinds = ["concat", "hconcat", "vconcat"];
const axisRoom = 62;
const spacing = 26;

/** {field, values} of a filter by equality; null for every other transform. */
function equalityOf(transform) {
  const filter = transform?.filter;
  if (!filter || typeof filter.field !== "string") return null;
  if (filter.equal !== undefined) return { field: filter.field, values: [filter.equal] };
  return Array.isArray(filter.oneOf) ? { field: filter.field, values: filter.oneOf } : null;
}

/** The equality filters that stand before any other transform. */
function leadingConditions(spec) {
  const conditions = [];
  for (const transform of spec.transform ?? []) {
    const condition = equalityOf(transform);
    if (!condition) break;
    conditions.push(condition);
  }
  return conditions;
}

/** Whether a panel is about nothing that is to be seen. */
function isExcluded(panel, chosen) {
  return leadingConditions(panel).some(({ field, values }) => dimensions.includes(field) && chosen[field].size > 0 &&
    !values.some((value) => value === "" || chosen[field].has(value)));
}

/** The specification without the panels that the filters exclude; null when none is left. */
export function withoutExcludedPanels(spec, chosen) {
  const kind = concatKinds.find((name) => Array.isArray(spec[name]));
  if (!kind) return spec;
  const panels = spec[kind].filter((panel) => !isExcluded(panel, chosen))
    .map((panel) => withoutExcludedPanels(panel, chosen)).filter((panel) => panel !== null);
  return panels.length === 0 ? null : { ...spec, [kind]: panels };
}

/**
 * Which rows of which data a specification uses: {name: clauses}, a clause being the conditions ({field, values})
 * under which one of its views uses a row; [] when some view uses every row.
 */
export function dataUses(spec) {
  const uses = new Map();
  const note = (name, conditions) => {
    const clauses = uses.get(name) ?? [];
    uses.set(name, clauses);
    clauses.push(conditions);
  };
  const walk = (view, name, conditions) => {
    const ownName = view.data ? view.data.name : name;
    const own = view.data ? leadingConditions(view) : [...conditions, ...leadingConditions(view)];
    const open = view.transform?.length > leadingConditions(view).length;
    for (const transform of view.transform ?? []) {
      if (transform.from?.data?.name) note(transform.from.data.name, []);
    }
    const children = [...concatKinds.flatMap((kind) => view[kind] ?? []), ...(view.layer ?? []), ...(view.spec ? [view.spec] : [])];
    // After another transform a later filter no longer speaks of the rows as they came.
    if (ownName && (children.length === 0 || open)) note(ownName, own);
    else children.forEach((child) => walk(child, ownName, own));
    if (ownName && open) children.filter((child) => child.data).forEach((child) => walk(child, undefined, []));
  };
  walk(spec, undefined, []);
  return Object.fromEntries([...uses].map(([name, clauses]) => [name, clauses.some((clause) => clause.length === 0) ? [] : clauses]));
}

function unitWidth(spec, channels = spec.encoding ?? {}) {
  if (typeof spec.width === "number") return spec.width;
  if (typeof spec.width?.step === "number") return spec.width.step * 8;
  return ["nominal", "ordinal"].includes(channels.x?.type) ? 34 * 8 : 260;
}

function unitRoom(spec) {
  const y = spec.encoding?.y ?? spec.layer?.find((layer) => layer.encoding?.y)?.encoding.y;
  return y?.axis === null || y?.axis?.labels === false ? 8 : axisRoom;
}

/** A guess of how wide a specification is drawn when its panels are `factor` times as wide; drawing tells exactly. */
export function estimatedWidth(spec, factor = 1) {
  const gap = typeof spec.spacing === "number" ? spec.spacing : spacing;
  const sum = (panels) => panels.reduce((total, panel) => total + estimatedWidth(panel, factor) + gap, -gap);
  const widest = (panels) => Math.max(...panels.map((panel) => estimatedWidth(panel, factor)));
  if (spec.hconcat) return sum(spec.hconcat);
  if (spec.vconcat) return widest(spec.vconcat);
  if (spec.concat) {
    const columns = Math.min(spec.columns ?? spec.concat.length, spec.concat.length);
    return widest(spec.concat) * columns + gap * (columns - 1);
  }
  if (spec.spec) return (estimatedWidth(spec.spec, factor) - axisRoom) * Math.min(spec.columns ?? 3, 4) + axisRoom;
  return unitWidth(spec) * factor + unitRoom(spec);
}

/** A guess of how high it is drawn, so that the page does not jump when it is. */
export function estimatedHeight(spec) {
  if (spec.hconcat) return Math.max(...spec.hconcat.map(estimatedHeight));
  if (spec.vconcat) return spec.vconcat.reduce((total, panel) => total + estimatedHeight(panel), 0);
  if (spec.concat) {
    const rows = Math.ceil(spec.concat.length / (spec.columns ?? spec.concat.length));
    return Math.max(...spec.concat.map(estimatedHeight)) * rows;
  }
  if (spec.spec) return estimatedHeight(spec.spec);
  return (typeof spec.height === "number" ? spec.height : 200) + 70;
}

/** Whether a view shows pictures, which keep their shape. */
function showsPictures(view) {
  const kinds = [view, ...(view.layer ?? [])].map((layer) => layer.mark?.type ?? layer.mark);
  return kinds.includes("image");
}

/** Whether pictures stand anywhere in a figure. */
export function containsPictures(spec) {
  const children = [...concatKinds.flatMap((kind) => spec[kind] ?? []), ...(spec.spec ? [spec.spec] : [])];
  return showsPictures(spec) || children.some(containsPictures);
}

/** The specification with every numeric width times `factor`, and heights by half as much. */
function scaled(spec, factor) {
  if (factor === 1) return spec;
  const heightFactor = showsPictures(spec) ? factor : 1 + (factor - 1) / 2;
  const result = { ...spec };
  const scaleSize = (name, by) => {
    if (typeof spec[name] === "number") result[name] = Math.max(24, Math.round(spec[name] * by));
    else if (typeof spec[name]?.step === "number") result[name] = { ...spec[name], step: Math.max(6, spec[name].step * by) };
  };
  const isView = !concatKinds.some((kind) => spec[kind]) && !spec.spec;
  if (isView && spec.width === undefined) {
    const discrete = ["nominal", "ordinal"].includes((spec.encoding?.x ?? spec.layer?.[0]?.encoding?.x)?.type);
    result.width = discrete ? { step: 34 * factor } : Math.round(260 * factor);
  }
  scaleSize("width", factor);
  scaleSize("height", heightFactor);
  for (const kind of concatKinds) {
    if (spec[kind]) result[kind] = spec[kind].map((panel) => scaled(panel, factor));
  }
  if (spec.spec) result.spec = scaled(spec.spec, factor);
  return result;
}

/** Whether panels that stand side by side are about different things: no picture with its margin. */
function areSeparate(panels) {
  const subjects = panels.map((panel) => JSON.stringify(leadingConditions(panel).filter(({ field }) => dimensions.includes(field))));
  return new Set(subjects).size > 1 && !subjects.includes("[]");
}

/** Fewer columns where the panels are too wide to stand beside each other, more where there is room for them. */
function withColumns(spec, available) {
  const result = { ...spec };
  if (spec.hconcat && areSeparate(spec.hconcat)) {
    result.concat = spec.hconcat;
    result.columns = spec.hconcat.length;
    delete result.hconcat;
  }
  if (result.concat) {
    const each = Math.max(...result.concat.map((panel) => estimatedWidth(panel))) + spacing;
    const wanted = result.columns ?? result.concat.length;
    result.columns = Math.max(1, Math.min(wanted, Math.floor((available + spacing) / each)));
  } else if (result.facet && !result.facet.row && !result.facet.column) {
    const each = estimatedWidth(result.spec);
    result.columns = Math.max(1, Math.min(result.columns ?? 3, Math.floor(available / each)));
  }
  for (const kind of concatKinds) {
    if (result[kind]) result[kind] = result[kind].map((panel) => withColumns(panel, available));
  }
  return result;
}

/**
 * The specification for a place `available` pixels wide. `correction` is the factor that an earlier drawing showed
 * to be needed; `stretch` lets panels grow to fill the place.
 */
export function fitted(spec, available, { correction = 1, stretch = false } = {}) {
  const arranged = withColumns(spec, available);
  const isPanels = concatKinds.some((kind) => spec[kind]);
  const fixed = estimatedWidth(arranged, 0);
  const fitting = Math.max(0.15, (available - fixed) / (estimatedWidth(arranged) - fixed));
  const factor = Math.min(stretch ? 2.4 : isPanels ? 1.5 : 1, fitting);
  return scaled(arranged, factor * correction);
}
