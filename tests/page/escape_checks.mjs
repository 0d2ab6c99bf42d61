// What the page's "Copy as" hands out holds nothing that its format would obey. Run by node alone; fails with a stack.
import assert from "node:assert/strict";
import { csvCell, markdownText, validXml, visibleText } from "../../assets/report/escape.mjs";
import { tableAsCsv, tableAsLatex, tableAsMarkdown } from "../../assets/report/table_text.js";

for (const text of ["=1+1", "+NT", "-2+3", "@SUM(A1)", "  =1", "\uff1d1", "'=1"]) assert.ok(csvCell(text).startsWith("'"), text);
for (const text of ["-1.5", "+3", "1e-05", "-", "", "a-b", "'tis"]) assert.equal(csvCell(text), text);
assert.equal(markdownText("<img src=x> [a](b) **c** mos_before _d_"), "&lt;img src=x&gt; [a\\](b) \\*\\*c\\*\\* mos_before \\_d\\_");
assert.equal(visibleText("a\u001b[31m\u202e\u009b"), "a\\x1b[31m\\u202e\\x9b");
assert.equal(validXml("a\u0001\ufffe\ud800b\u{1f600}"), "a\\x01\\ufffe\\ud800b\u{1f600}");

const name = "=<b>|_x\u001b^\"\u4e2d\u00fe";
const table = {
  caption: "R&D <i>", numeric: [false, true], columns: [{ name: "Model", keys: ["model"] }, { name: "R_1", keys: ["r"] }],
  rows: [{ cells: [[{ v: name }], [{ v: -1.5, d: 2, best: true, sd: 0.25 }]] }],
};
assert.equal(tableAsCsv(table), "model,r\n\"'=<b>|_x\\x1b^\"\"\u4e2d\u00fe\",-1.5\n");
assert.equal(tableAsMarkdown(table),
  "| Model | R_1 |\n|---|---:|\n| =&lt;b&gt;\\|\\_x\\\\x1b^\"\u4e2d\u00fe | **\u22121.50** ± 0.25 |\n");
const latex = tableAsLatex(table);
assert.ok(latex.includes("\\caption{R\\&D \\textless{}i\\textgreater{}}"), latex);
assert.ok(latex.includes("=\\textless{}b\\textgreater{}\\textbar{}\\_x\\textbackslash{}x1b\\textasciicircum{}\\char34{}{[}U+4E2D]{[}U+00FE]"), latex);
assert.ok(latex.includes("\\textbf{$-$1.50} $\\pm$ 0.25"), latex);
