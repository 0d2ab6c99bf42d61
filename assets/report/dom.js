// Small helpers for making elements. Text of the report only ever becomes text nodes.

/** An element with attributes (a function becomes a listener; false and null are left out) and children. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A button with a text and what it does. */
export function button(text, click, attributes = {}) {
  return element("button", { type: "button", click, ...attributes }, text);
}

/** A number with so many decimals, a true minus sign, and a dash where nothing was measured. */
export function formatNumber(value, decimals) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** "12,345" */
export function formatCount(count) {
  return count.toLocaleString("en-US");
}

/** "1 picture", "1,162 pictures" */
export function countOf(count, noun) {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A text without the escapes of Markdown. */
function withoutEscapes(text) {
  return text.replace(/\\([!-/:-@[-`{-~])|&(lt|gt|amp);/g, (_, letter, name) => letter ?? { lt: "<", gt: ">", amp: "&" }[name]);
}

/** `code` and **bold** of a line, as nodes. */
function inlineNodes(line) {
  return line.split(/((?<!\\)`[^`]+`|(?<!\\)\*\*[^*]+\*\*)/).map((part) => {
    if (part.length > 2 && part.startsWith("`")) return element("code", {}, part.slice(1, -1));
    if (part.length > 4 && part.startsWith("**")) return element("strong", {}, withoutEscapes(part.slice(2, -2)));
    return document.createTextNode(withoutEscapes(part));
  });
}

/** A text as paragraphs: blank lines part them, "- " makes a list, "> " makes a warning. */
export function prose(text) {
  return (text ?? "").split(/\n\s*\n|\n>\s*\n/).filter((part) => part.trim() !== "").map((part) => {
    const lines = part.trim().split("\n");
    if (lines.every((line) => line.startsWith("- "))) {
      return element("ul", {}, lines.map((line) => element("li", {}, inlineNodes(line.slice(2)))));
    }
    const warning = lines.every((line) => line.startsWith(">"));
    const plain = lines.map((line) => (warning ? line.replace(/^>\s?/, "") : line)).join(" ");
    return element("p", warning ? { class: "warning" } : {}, inlineNodes(plain));
  });
}

/** Offers `content` (a Blob) under a name, as the browser saves any file. */
export function saveFile(name, content) {
  const address = URL.createObjectURL(content);
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** Puts text on the clipboard, and says so for screen readers and eyes in the page's status line. */
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", { class: "off-screen", "aria-label": "text to copy" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  announce(`${what} copied`);
}

let announceTimer = 0;

/** A short message at the edge of the page. */
export function announce(message) {
  const status = document.getElementById("status");
  status.textContent = message;
  status.classList.add("shown");
  clearTimeout(announceTimer);
  announceTimer = setTimeout(() => status.classList.remove("shown"), 2500);
}
