// The picture panel: clean, adversarial, and what differs between them.
import { button, element, formatNumber } from "./dom.js";
import { recordKey } from "./report_data.js";
import { aboutText, beforeAfter } from "./tip.js";

/** Reads a picture's pixels; pages carry them as data, so nothing is fetched. */
async function pixelsOf(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = element("canvas", { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Grey where two pictures agree; else the difference of each channel, so many times, about mid-grey. */
export function amplifiedDifference(clean, attacked, amplification) {
  const result = new Uint8ClampedArray(clean.length);
  for (let index = 0; index < clean.length; index += 4) {
    for (let channel = 0; channel < 3; ++channel) {
      result[index + channel] = 128 + amplification * (attacked[index + channel] - clean[index + channel]);
    }
    result[index + 3] = 255;
  }
  return result;
}

function slider(id, title, attributes, write, show = String) {
  const output = element("output", { for: id }, show(attributes.value));
  const input = element("input", { type: "range", id, ...attributes,
    input: (event) => { output.textContent = show(event.target.value); write(Number(event.target.value)); } });
  return { input, node: element("div", { class: "slider" }, element("label", { for: id }, title), input, output) };
}

/** The dialog with one picture; it opens for a point, a card or a name. */
export class PicturePanel {
  constructor(report) {
    this.report = report;
    this.list = [];
    this.place = 0;
    this.zoom = 2;
    this.amplification = 20;
    this.title = element("h2", { id: "picture-title", tabindex: "-1" });
    this.subtitle = element("p", { class: "picture-about" });
    this.previous = button("Previous", () => this.step(-1), { class: "quiet" });
    this.next = button("Next", () => this.step(1), { class: "quiet" });
    this.position = element("span", { class: "position" });
    this.body = element("div", { class: "picture-body" });
    this.dialog = element("dialog", { "aria-labelledby": "picture-title", id: "picture-panel",
      keydown: (event) => this.key(event),
      click: (event) => event.target === this.dialog && this.dialog.close() },
      element("div", { class: "picture-frame" },
        element("header", { class: "picture-head" }, element("div", {}, this.title, this.subtitle),
          element("div", { class: "picture-steps" }, this.previous, this.position, this.next,
            button("Close", () => this.dialog.close(), { class: "close" }))),
        this.body));
    this.dialog.addEventListener("close", () => this.opener?.focus({ preventScroll: true }));
  }

  /** Opens at a place of a list of records. `opener` gets the focus back. */
  open(list, place, opener) {
    Object.assign(this, { list, place, opener });
    this.show();
    if (!this.dialog.open) this.dialog.showModal();
    this.title.focus();
  }

  step(by) {
    const place = this.place + by;
    if (place < 0 || place >= this.list.length) return;
    this.place = place;
    this.show();
  }

  key(event) {
    if (event.target.matches("input, select") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowRight") this.step(1);
    else if (event.key === "ArrowLeft") this.step(-1);
    else return;
    event.preventDefault();
  }

  show() {
    const all = this.report.recordsOfPicture(this.list[this.place].picture);
    const record = { ...this.list[this.place] };
    Object.assign(record, all.find((other) => recordKey(other) === recordKey(record)));
    if (!record.clean) Object.assign(record, all.find((other) => other.clean && aboutText(other) === aboutText(record)));
    const picture = this.report.pictures[record.picture];
    this.title.textContent = picture.name;
    this.subtitle.textContent = [aboutText(record), record.seed !== undefined && record.seed !== "" ? `seed ${record.seed}` : "",
      record.kind].filter(Boolean).join(" · ");
    const many = this.list.length > 1;
    this.previous.hidden = this.next.hidden = this.position.hidden = !many;
    this.previous.disabled = this.place === 0;
    this.next.disabled = this.place === this.list.length - 1;
    this.position.textContent = `${this.place + 1} of ${this.list.length}`;
    this.body.replaceChildren(record.clean ? this.comparison(record) : this.thumbnailOnly(picture),
      element("div", { class: "picture-side" }, this.facts(record, picture), this.others(record, all)));
  }

  facts(record, picture) {
    const levels = typeof record.linf === "number" ? `${formatNumber(record.linf, 4)} (${formatNumber(record.linf * 255, 1)}/255)` : null;
    const entries = [
      ["MOS", formatNumber(picture.mos, 1)],
      ["Score, clean → attacked", beforeAfter(record)],
      ["Change", formatNumber(record.after - record.before, 2)],
      typeof record.after_8bit === "number" && ["Attacked, as 8-bit file", formatNumber(record.after_8bit, 1)],
      typeof record.ssim === "number" && ["SSIM", formatNumber(record.ssim, 4)],
      levels && ["Largest difference of a pixel (ℓ∞)", levels],
      typeof record.gradient_l1 === "number" && ["Gradient ℓ1 norm, clean", String(Number(record.gradient_l1.toPrecision(4)))],
      picture.dataset && ["Data set", picture.dataset],
    ].filter(Boolean);
    return element("dl", { class: "facts" }, entries.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  }

  /** The same picture under every model, defense and attack; those with stored pixels are marked. */
  others(record, all) {
    if (all.length < 2) return null;
    const current = recordKey(record);
    const row = (other) => element("tr", { class: recordKey(other) === current ? "current" : null },
      element("th", { scope: "row" }, button(aboutText(other), () => this.jump(other), { class: "link",
        "aria-current": recordKey(other) === current ? "true" : null })),
      element("td", { class: "numeric" }, beforeAfter(other)),
      element("td", {}, other.clean ? element("span", { class: "stored" }, "pixels") : ""));
    return element("section", { class: "others" },
      element("h3", {}, "The same picture elsewhere"),
      element("div", { class: "others-scroll", tabindex: "0", role: "region", "aria-label": "The same picture elsewhere" },
        element("table", {}, element("tbody", {}, [...all.filter((other) => other.clean), ...all.filter((other) => !other.clean)].map(row)))));
  }

  jump(record) {
    const place = this.list.findIndex((other) => recordKey(other) === recordKey(record) && other.picture === record.picture);
    if (place >= 0) this.place = place;
    else Object.assign(this, { list: [record], place: 0 });
    this.show();
    this.title.focus();
  }

  thumbnailOnly(picture) {
    return element("div", { class: "picture-main" },
      picture.thumbnail ? element("img", { class: "thumbnail", src: picture.thumbnail, alt: `Thumbnail of ${picture.name}` }) : null,
      element("p", { class: "nothing" }, "Pixels are stored for chosen pictures only (the largest changes, typical ones, and some " +
        "at random); of this one under this attack the report has its scores and a thumbnail of the clean picture."));
  }

  /** Four panes at one zoom, scrolled together, and the sliders above them. */
  comparison(record) {
    const panes = [];
    const pane = (title, content) => {
      const box = element("div", { class: "pane", tabindex: "0", role: "group", "aria-label": title, scroll: () => panes.forEach((other) => {
        if (other === box) return;
        other.scrollLeft = box.scrollLeft;
        other.scrollTop = box.scrollTop;
      }) }, content);
      panes.push(box);
      return element("figure", { class: "pane-figure" }, element("figcaption", {}, title), box);
    };
    const picture = (source, alt, style) => element("img", { class: "pixels", src: source, alt, style });
    const over = picture(record.attacked, "", "clip-path: inset(0 0 0 50%)");
    over.classList.add("over");
    const divider = element("span", { class: "divider" });
    const wipeBox = element("div", { class: "wipe" }, picture(record.clean, "Clean left of the line, adversarial right of it"), over, divider);
    const difference = element("canvas", { class: "pixels", role: "img", "aria-label": "Amplified difference" });

    const wipe = slider("wipe", "Wipe", { min: 0, max: 100, value: 50 }, (value) => {
      over.style.clipPath = `inset(0 0 0 ${value}%)`;
      divider.style.left = `${value}%`;
    }, (value) => `${value} %`);
    const draw = this.differenceDrawer(record, difference);
    const amplify = slider("amplification", "Amplify", { min: 1, max: 64, value: this.amplification }, (value) => {
      this.amplification = value;
      draw();
    }, (value) => `× ${value}`);
    const grid = element("div", { class: "panes" }, pane("Clean | adversarial", wipeBox),
      pane("Difference, amplified", difference), pane("Clean", picture(record.clean, "Clean picture")),
      pane("Adversarial", picture(record.attacked, "Adversarial picture")));
    const zoom = slider("zoom", "Zoom", { min: 1, max: 8, value: this.zoom }, (value) => {
      this.zoom = value;
      grid.style.setProperty("--zoom", value);
    }, (value) => `${value} ×`);
    grid.style.setProperty("--zoom", this.zoom);
    divider.style.left = "50%";
    return element("div", { class: "picture-main" }, element("div", { class: "sliders" }, wipe.node, amplify.node, zoom.node), grid,
      element("p", { class: "hint" }, "Native pixels of a region. In the difference, mid-grey means unchanged."));
  }

  differenceDrawer(record, canvas) {
    const pixels = Promise.all([pixelsOf(record.clean), pixelsOf(record.attacked)]);
    const sizePictures = (width, height) => canvas.closest(".panes").querySelectorAll("img.pixels, canvas.pixels").forEach((node) => {
      node.style.setProperty("--width", width);
      node.style.setProperty("--height", height);
    });
    const draw = async () => {
      const [clean, attacked] = await pixels;
      canvas.width = clean.width;
      canvas.height = clean.height;
      if (canvas.isConnected) sizePictures(clean.width, clean.height);
      canvas.getContext("2d").putImageData(
        new ImageData(amplifiedDifference(clean.data, attacked.data, this.amplification), clean.width, clean.height), 0, 0);
      canvas.dataset.drawn = String(this.amplification);
    };
    draw();
    return draw;
  }
}
