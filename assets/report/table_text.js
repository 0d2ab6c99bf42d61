// A table as text in other formats: what is shown, in the order in which it is shown.
import { formatNumber } from "./dom.js";

const asText = (value) => (typeof value.v === "string" ? value.v : value.v === null ? "" : String(value.v));

function csvField(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A column for each key, numbers as exactly as the page has them. */
export function tableAsCsv({ columns, rows }) {
  const head = columns.flatMap((column) => column.keys);
  const lines = rows.map((row) => row.cells.flatMap((cell, place) =>
    columns[place].keys.map((_, part) => (cell[part] ? asText(cell[part]) : ""))));
  return [head, ...lines].map((fields) => fields.map(csvField).join(",")).join("\n") + "\n";
}

function printed(value, bold, plusMinus) {
  const text = typeof value.v === "string" ? value.v : formatNumber(value.v, value.d ?? 4);
  const number = value.best ? bold(text) : text;
  return typeof value.sd === "number" ? `${number} ${plusMinus} ${formatNumber(value.sd, value.d ?? 4)}` : number;
}

/** A heading on one line. */
const flatName = ({ group, name }) => (group ? `${group}: ${name}` : name).replaceAll("\n", " ");

/** A table of GitHub's Markdown. */
export function tableAsMarkdown({ columns, rows, numeric }) {
  const escape = (text) => text.replaceAll("|", "\\|");
  const line = (fields) => `| ${fields.map(escape).join(" | ")} |`;
  const names = columns.map(flatName);
  return [line(names), `|${numeric.map((right) => (right ? "---:" : "---")).join("|")}|`,
    ...rows.map((row) => line(row.cells.map((cell) => cell.map((value) => printed(value, (text) => `**${text}**`, "±")).join(" / ")))),
  ].join("\n") + "\n";
}

function latexText(text) {
  return text.replace(/[\\{}$&#%_^~]/g, (letter) => ({ "\\": "\\textbackslash{}", "^": "\\^{}", "~": "\\~{}" })[letter] ?? `\\${letter}`)
    .replaceAll("↑", "$\\uparrow$").replaceAll("↓", "$\\downarrow$").replaceAll("−", "$-$").replaceAll("–", "--")
    .replaceAll("→", "$\\rightarrow$").replaceAll("±", "$\\pm$").replaceAll("λ", "$\\lambda$").replaceAll("ε", "$\\epsilon$");
}

/** A LaTeX table with booktabs. */
export function tableAsLatex({ caption, columns, rows, numeric }) {
  const bold = (text) => `\u0001${text}\u0002`;
  const finish = (text) => latexText(text).replaceAll("\u0001", "\\textbf{").replaceAll("\u0002", "}");
  const line = (fields) => `${fields.map(finish).join(" & ")} \\\\`;
  return ["\\begin{table}", "\\centering", `\\caption{${latexText(caption)}}`,
    `\\begin{tabular}{${numeric.map((right) => (right ? "r" : "l")).join("")}}`, "\\toprule",
    line(columns.map(flatName)), "\\midrule",
    ...rows.map((row) => line(row.cells.map((cell) => cell.map((value) => printed(value, bold, "±")).join(" / ")))),
    "\\bottomrule", "\\end{tabular}", "\\end{table}"].join("\n") + "\n";
}
