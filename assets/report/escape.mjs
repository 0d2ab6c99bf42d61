// What one format must not hold as it is, shared by the page and by svg.mjs. The rules are those of core/escape.cpp.

/** A code point as people read it: "\\x1b", "\\u202e". */
function numbered(letter) {
  const code = letter.codePointAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** XML without the characters that it may not hold, controls and halves of letters; they are shown by their numbers. */
export function validXml(text) {
  return text.replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    numbered);
}

/** Text with nothing that moves a cursor or turns the direction of writing. */
export function visibleText(text) {
  return text.replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    numbered);
}

/** One cell of CSV: a spreadsheet shall not take it for a formula. */
export function csvCell(text) {
  const rest = text.replace(/^[ \t\r\n']+/, "");
  const formula = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(rest) && rest !== "-" && (rest.trim() === "" || Number.isNaN(Number(rest)));
  const cell = visibleText((formula ? "'" : "") + text);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Text in which nothing is markup to GitHub's Markdown, HTML included. */
export function markdownText(text) {
  return visibleText(text.replace(/[\r\n]/g, " "))
    .replace(/[\\`*|~$]|\](?=[([:])/g, "\\$&")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
    .replace(/&(?=[\w#])/g, "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
