// What stands beside the pointer: a picture's thumbnail, name and scores, or a mark's values.
import { element, formatNumber } from "./dom.js";

/** "61.0 → 3.1" */
export function beforeAfter(record) {
  return `${formatNumber(record.before, 1)} → ${formatNumber(record.after, 1)}`;
}

/** "CNNIQA · base · FGSM": what a record is about. */
export function aboutText(record) {
  return [record.model, record.defense, record.attack].filter(Boolean).join(" · ");
}

function line(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

/** The tip of the whole page. */
export class Tip {
  constructor(report) {
    this.report = report;
    this.node = element("div", { id: "tip", role: "tooltip", hidden: true });
    this.item = null;
  }

  show(event, item) {
    const fields = item?.tooltip && typeof item.tooltip === "object" ? item.tooltip : null;
    const isPoint = Number.isInteger(item?.datum?.picture) && this.report.pictures[item.datum.picture];
    if (!isPoint && !fields) {
      this.hide();
      return;
    }
    if (this.item !== item) {
      this.item = item;
      this.node.replaceChildren(...(isPoint ? this.pictureNodes(item.datum) : this.fieldNodes(fields)));
      this.node.hidden = false;
    }
    this.place(event);
  }

  hide() {
    this.item = null;
    this.node.hidden = true;
  }

  place(event) {
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const right = event.clientX + 16 + width < window.innerWidth;
    const below = event.clientY + 16 + height < window.innerHeight;
    this.node.style.left = `${Math.max(4, right ? event.clientX + 16 : event.clientX - width - 12)}px`;
    this.node.style.top = `${Math.max(4, below ? event.clientY + 16 : event.clientY - height - 12)}px`;
  }

  pictureNodes(record) {
    const picture = this.report.pictures[record.picture];
    const change = record.after - record.before;
    return [
      picture.thumbnail && element("img", { src: picture.thumbnail, alt: "" }),
      element("div", {}, element("strong", {}, picture.name),
        element("p", {}, aboutText(record)),
        element("dl", {}, line("MOS", formatNumber(picture.mos, 1)), line("score", beforeAfter(record)),
          line("change", (change > 0 ? "+" : "") + formatNumber(change, 1))),
        element("p", { class: "hint" }, "click to look at it")),
    ].filter(Boolean);
  }

  fieldNodes(fields) {
    const text = (value) => (typeof value === "number" ? String(Number(value.toPrecision(5))) : String(value ?? "–"));
    return [element("dl", {}, Object.entries(fields).map(([name, value]) => line(name, text(value))))];
  }
}
