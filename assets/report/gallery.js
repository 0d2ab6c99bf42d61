// The stored examples as cards.
import { button, element, formatNumber } from "./dom.js";
import { aboutText, beforeAfter } from "./tip.js";

const firstShown = 12;
const kindTitles = { "largest change": "Largest changes", typical: "Typical changes", random: "Chosen at random" };

/** The section "Picture by picture". */
export class Gallery {
  constructor(report, filters, panel) {
    Object.assign(this, { report, filters, panel });
    this.expanded = new Set();
    this.node = element("div", { class: "gallery" });
    this.watcher = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      this.watcher.unobserve(entry.target);
      entry.target.src = entry.target.source;
    }), { rootMargin: "300px" });
    filters.onChange(() => this.render());
    this.render();
  }

  /** A picture that is decoded only when it comes near the screen. */
  lazyPicture(source) {
    const image = element("img", { class: "card-picture", alt: "" });
    image.source = source;
    this.watcher.observe(image);
    return image;
  }

  /** Shows the pictures of all cards at once, as paper needs them. */
  showPictures() {
    this.node.querySelectorAll("img:not([src])").forEach((image) => { image.src = image.source; });
  }

  card(example, list) {
    const picture = this.report.pictures[example.picture];
    const change = example.after - example.before;
    const card = button("", () => this.panel.open(list, list.indexOf(example), card), { class: "card",
      "aria-label": `${picture.name}, ${aboutText(example)}, score ${beforeAfter(example)}` });
    card.append(
      element("span", { class: "card-pictures" }, this.lazyPicture(example.clean), this.lazyPicture(example.attacked)),
      element("span", { class: "card-name" }, picture.name), element("span", { class: "card-about" }, aboutText(example)),
      element("span", { class: "card-score" }, beforeAfter(example),
        element("b", {}, ` ${change > 0 ? "+" : ""}${formatNumber(change, 1)}`)));
    return card;
  }

  render() {
    const shown = this.report.examples.filter((example) => this.filters.passes(example));
    const kinds = [...new Set(shown.map((example) => example.kind))];
    const list = kinds.flatMap((kind) => shown.filter((example) => example.kind === kind));
    this.watcher.disconnect();
    this.node.replaceChildren(...(shown.length === 0 ? [element("p", { class: "nothing" }, "No example passes the filters.")] :
      kinds.map((kind) => {
        const all = list.filter((example) => example.kind === kind);
        const visible = this.expanded.has(kind) ? all : all.slice(0, firstShown);
        return element("section", { class: "gallery-kind" },
          element("h3", {}, kindTitles[kind] ?? kind, element("span", { class: "count" }, ` ${all.length}`)),
          element("div", { class: "cards" }, visible.map((example) => this.card(example, list))),
          visible.length < all.length && button(`Show all ${all.length}`, () => {
            this.expanded.add(kind);
            this.render();
          }, { class: "quiet", "aria-label": `Show all ${all.length}: ${kindTitles[kind] ?? kind}` }));
      })));
  }
}
