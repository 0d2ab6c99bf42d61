// A table as text in other formats: what is shown, in the order in which it is shown.
import { formatNumber } from "./dom.js";
import { csvCell, markdownText, visibleText } from "./escape.mjs";

const asText = (value) => (typeof value.v === "string" ? value.v : value.v === null ? "" : String(value.v));

/** A column for each key, numbers as exactly as the page has them. */
export function tableAsCsv({ columns, rows }) {
  const head = columns.flatMap((column) => column.keys);
  const lines = rows.map((row) => row.cells.flatMap((cell, place) =>
    columns[place].keys.map((_, part) => (cell[part] ? asText(cell[part]) : ""))));
  return [head, ...lines].map((fields) => fields.map(csvCell).join(",")).join("\n") + "\n";
}

function printed(value, bold, plusMinus, escape) {
  const text = typeof value.v === "string" ? escape(value.v) : formatNumber(value.v, value.d ?? 4);
  const number = value.best ? bold(text) : text;
  return typeof value.sd === "number" ? `${number} ${plusMinus} ${formatNumber(value.sd, value.d ?? 4)}` : number;
}

/** A heading on one line. */
const flatName = ({ group, name }) => (group ? `${group}: ${name}` : name).replaceAll("\n", " ");

/** A table of GitHub's Markdown. */
export function tableAsMarkdown({ columns, rows, numeric }) {
  const line = (fields) => `| ${fields.join(" | ")} |`;
  const names = columns.map((column) => markdownText(flatName(column)));
  return [line(names), `|${numeric.map((right) => (right ? "---:" : "---")).join("|")}|`,
    ...rows.map((row) => line(row.cells.map((cell) => cell.map((value) => printed(value, (text) => `**${text}**`, "±", markdownText)).join(" / ")))),
  ].join("\n") + "\n";
}

/** Letters that are commands, and signs that stand in mathematics. */
const latexNames = {
  "\\": "\\textbackslash{}", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "\\textless{}", ">": "\\textgreater{}",
  "|": "\\textbar{}", '"': "\\char34{}", "'": "\\textquotesingle{}", "`": "\\textasciigrave{}", "-": "{-}", "[": "{[}", "*": "{*}",
  "↑": "$\\uparrow$", "↓": "$\\downarrow$", "−": "$-$", "–": "--", "→": "$\\rightarrow$", "±": "$\\pm$", "λ": "$\\lambda$",
  "ε": "$\\varepsilon$", "Δ": "$\\Delta$", "×": "$\\times$", "∞": "$\\infty$", "≤": "$\\leq$", "≥": "$\\geq$", "°": "$^\\circ$", "µ": "$\\mu$",
};

/** Text in which nothing is a command; letters that LaTeX's fonts may not have are written by their numbers. */
function latexText(text) {
  return [...visibleText(text.replace(/[\r\n\t]/g, " "))].map((letter) => {
    if (latexNames[letter]) return latexNames[letter];
    if ("{}$&#%_".includes(letter)) return `\\${letter}`;
    if (/[ -~À-ÖØ-öø-ÿ]/.test(letter) && !"ÐÞðþ".includes(letter)) return letter;
    return `{[}U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
  }).join("");
}

/** A LaTeX table with booktabs. */
export function tableAsLatex({ caption, columns, rows, numeric }) {
  const bold = (text) => `\\textbf{${text}}`;
  const line = (fields) => `${fields.join(" & ")} \\\\`;
  const cellText = (cell) => cell.map((value) => printed(value, bold, "$\\pm$", latexText)).join(" / ").replaceAll("−", "$-$").replaceAll("–", "--");
  return ["\\begin{table}", "\\centering", `\\caption{${latexText(caption)}}`,
    `\\begin{tabular}{${numeric.map((right) => (right ? "r" : "l")).join("")}}`, "\\toprule",
    line(columns.map((column) => latexText(flatName(column)))), "\\midrule",
    ...rows.map((row) => line(row.cells.map(cellText))),
    "\\bottomrule", "\\end{tabular}", "\\end{table}"].join("\n") + "\n";
}
