// What the page is made from: the JSON island, and rows made from its columns when a figure needs them.

/** The dimensions by which a reader filters; also the names of the data columns that carry them. */
export const dimensions = ["model", "attack", "defense"];

/** Reads and holds the report. */
export class ReportData {
  constructor(island) {
    this.island = island;
    this.pictures = island.pictures ?? [];
    this.examples = island.examples ?? [];
    this.tables = island.data ?? {};
  }

  /** Every model, attack and defense that something in the report is about, in order of appearance. */
  values(dimension) {
    const found = new Set();
    const add = (about) => about?.[dimension] && found.add(about[dimension]);
    for (const section of this.island.sections) {
      for (const block of section.blocks) {
        block.columns?.forEach((column) => add(column.about));
        block.rows?.forEach((row) => add(row.about));
      }
    }
    for (const table of Object.values(this.tables)) {
      table.columns[dimension]?.words?.forEach((word) => word && found.add(word));
    }
    this.examples.forEach(add);
    const values = [...found];
    if (dimension === "defense") values.sort((one, other) => (other === "base") - (one === "base"));
    return values;
  }

  /** How many numbers of single pictures the report holds. */
  pointCount() {
    const tables = Object.values(this.tables).filter((table) => table.columns.picture && table.columns.after);
    return tables.reduce((sum, table) => sum + table.rows, 0);
  }

  /**
   * Row objects of a data table. Each call makes new ones, because a view writes into its rows.
   * `selection`: {field: Set of allowed words}, empty words pass; `clauses`: a row must meet all conditions
   * ({field, values}) of one clause; no clause means every row.
   */
  rows(name, selection = {}, clauses = []) {
    const table = this.tables[name];
    if (!table) return [];
    const rows = [];
    const readers = Object.entries(table.columns).map(([field, column]) => [field, reader(column)]);
    const passes = rowTest(table, selection, clauses);
    for (let index = 0; index < table.rows; ++index) {
      if (!passes(index)) continue;
      const row = {};
      for (const [field, read] of readers) row[field] = read(index);
      rows.push(row);
    }
    return rows;
  }

  /** All that was measured on one picture, once for each model, defense, attack and seed. */
  recordsOfPicture(picture) {
    const records = new Map();
    for (const [name, table] of Object.entries(this.tables)) {
      if (!table.columns.picture || !table.columns.after) continue;
      for (const record of this.rows(name, {}, [[{ field: "picture", values: [picture] }]])) {
        const key = recordKey(record);
        records.set(key, { ...record, ...definedPart(records.get(key)) });
      }
    }
    for (const example of this.examples) {
      if (example.picture !== picture) continue;
      const key = recordKey(example);
      records.set(key, { ...definedPart(records.get(key)), ...example });
    }
    return [...records.values()];
  }
}

/** What tells two measurements of one picture apart. */
export function recordKey(record) {
  return [record.model, record.defense, record.attack, record.seed].map((part) => part ?? "").join("\n");
}

function definedPart(record = {}) {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== undefined));
}

/** Reads a column at a place: plain numbers, or words by their codes. */
function reader(column) {
  if (!column.words) return (index) => column[index];
  const { words, codes } = column;
  return (index) => words[codes[index]];
}

/** The test of one condition at a place; words are compared by their codes. */
function conditionTest(column, values) {
  if (!column) return () => true;
  if (!column.words) {
    const allowed = new Set(values);
    return (index) => allowed.has(column[index]);
  }
  const allowed = new Set(values.map((value) => column.words.indexOf(value)));
  return (index) => allowed.has(column.codes[index]);
}

function rowTest(table, selection, clauses) {
  const always = Object.entries(selection).filter(([, allowed]) => allowed.size > 0)
    .map(([field, allowed]) => conditionTest(table.columns[field], ["", ...allowed]));
  const anyOf = clauses.map((clause) => clause.map(({ field, values }) => conditionTest(table.columns[field], values)));
  return (index) => always.every((test) => test(index)) &&
    (anyOf.length === 0 || anyOf.some((tests) => tests.every((test) => test(index))));
}
