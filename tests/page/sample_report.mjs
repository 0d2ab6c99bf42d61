// The JSON of a made-up report, the same at every run: numbers from a seed, pictures from formulas.
//   node sample_report.mjs OUT.json [PICTURES] [MODELS] [ATTACKS] [EXAMPLES]
import { writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

const [out, pictureCount = 1162, modelCount = 8, attackCount = 4, exampleCount = 100] =
  process.argv.slice(2).map((text, place) => (place === 0 ? text : Number(text)));

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
const random = randomNumbers(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const rounded = (value, digits = 6) => Number(value.toPrecision(digits));

const crcTable = Array.from({ length: 256 }, (_, place) => {
  let value = place;
  for (let bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});
const crc32 = (bytes) => (bytes.reduce((crc, byte) => crcTable[(crc ^ byte) & 255] ^ (crc >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(name, content) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const size = Buffer.alloc(4);
  const check = Buffer.alloc(4);
  size.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, check]);
}

/** A PNG of RGB bytes as a data address. */
function png(pixels, width, height) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; row < height; ++row) pixels.copy(rows, row * (1 + width * 3) + 1, row * width * 3, (row + 1) * width * 3);
  const file = Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head),
    chunk("IDAT", deflateSync(rows, { level: 6 })), chunk("IEND", Buffer.alloc(0))]);
  return `data:image/png;base64,${file.toString("base64")}`;
}

/** A scene of sky, hills and discs with grain, so that it weighs what a photograph weighs. */
function scene(seed, width, height, grain) {
  const own = randomNumbers(seed);
  const hue = [own(), own(), own()];
  const discs = Array.from({ length: 6 }, () => ({ x: own(), y: own(), radius: 0.04 + 0.16 * own(), color: [own(), own(), own()] }));
  const hills = [own() * 6, own() * 6, 0.45 + 0.25 * own()];
  const pixels = Buffer.alloc(width * height * 3);
  for (let row = 0; row < height; ++row) {
    for (let column = 0; column < width; ++column) {
      const x = column / width;
      const y = row / height;
      const ground = y > hills[2] + 0.08 * Math.sin(6 * x + hills[0]) + 0.03 * Math.sin(17 * x + hills[1]);
      const disc = discs.find((one) => (one.x - x) ** 2 + (one.y - y) ** 2 < one.radius ** 2);
      const speckle = (own() - 0.5) * grain;
      for (let channel = 0; channel < 3; ++channel) {
        const sky = 0.55 + 0.35 * hue[channel] * (1 - y);
        const earth = 0.2 + 0.4 * hue[(channel + 1) % 3] * y;
        const shade = disc ? disc.color[channel] * (0.7 + 0.3 * x) : ground ? earth : sky;
        pixels[(row * width + column) * 3 + channel] = Math.max(0, Math.min(255, Math.round(255 * shade + speckle)));
      }
    }
  }
  return pixels;
}

/** The picture with an attack's pattern added: signs in blocks, two levels high. */
function attackedScene(pixels, seed, size) {
  const own = randomNumbers(seed);
  const result = Buffer.from(pixels);
  for (let place = 0; place < result.length; ++place) {
    const row = Math.floor(place / 3 / size);
    const wave = Math.sin(row / 5 + seed) * Math.cos((place / 3 % size) / 7);
    result[place] = Math.max(0, Math.min(255, result[place] + (wave + (own() - 0.5) > 0 ? 1 : -1) * 2));
  }
  return result;
}

const models = ["HyperIQA", "DBCNN", "LinearityIQA", "MANIQA", "CNNIQA", "WaDIQaM", "TReS", "MUSIQ"].slice(0, modelCount);
const attacks = ["FGSM", "Perceptual attack", "UAP", "Korhonen & You", "PGD"].slice(0, attackCount);
const defenses = ["base", "+NT"];
const whiteBox = new Set(["FGSM", "Perceptual attack", "PGD"]);

const pictures = Array.from({ length: pictureCount }, (_, place) => ({
  name: `scene${place + 1}_${["blur", "noise", "jpeg", "fog"][place % 4]}_${place % 5}`, dataset: "made-up:seed=7",
  mos: rounded(Math.max(3.4, Math.min(92, 55 + 19 * normal())), 5),
  thumbnail: png(scene(1000 + place, 96, 64, 12).map((value) => value & 0xf8), 96, 64),
}));

/** Columns of words as codes, of numbers rounded. */
function asColumns(rows) {
  const columns = {};
  for (const field of Object.keys(rows[0] ?? {})) {
    if (typeof rows[0][field] !== "string") {
      columns[field] = rows.map((row) => (row[field] === null ? null : rounded(row[field])));
      continue;
    }
    const words = [...new Set(rows.map((row) => row[field]))];
    const codes = new Map(words.map((word, code) => [word, code]));
    columns[field] = { words, codes: rows.map((row) => codes.get(row[field])) };
  }
  return { rows: rows.length, columns };
}

const points = [];
attacks.forEach((attack, attackPlace) => models.forEach((model, modelPlace) => defenses.forEach((defense) => {
  const strength = (whiteBox.has(attack) ? 34 : 13) * (0.6 + 0.12 * modelPlace) * (defense === "base" ? 1 : 0.42) / (1 + 0.15 * attackPlace);
  pictures.forEach(({ name, mos }, picture) => {
    const before = mos + 6 * normal();
    const gradient = Math.exp(Math.log(defense === "base" ? 900 : 260) + 0.5 * normal());
    const change = strength * Math.abs(0.7 + 0.45 * normal()) * (0.7 + gradient / 2500);
    const after = before + (mos > 50 ? -change : change);
    points.push({ picture, name, model, defense, attack, seed: "0", mos, before, after, change, after_8bit: after + 0.3 * normal(),
      gradient_l1: gradient, linf: attack === "FGSM" ? 0.005 : 0.012 });
  });
})));

const curves = [];
models.slice(0, 4).forEach((model) => defenses.forEach((defense) => attacks.slice(0, 2).forEach((attack) => {
  [0, 0.001, 0.002, 0.005, 0.01, 0.02].forEach((epsilon) => curves.push({ model, defense, attack, epsilon,
    srocc: 0.9 - (defense === "base" ? 30 : 11) * epsilon * (1 + 0.2 * random()) }));
})));
const transfer = models.flatMap((source) => models.map((target) => ({ source, target, change: source === target ? 30 + 9 * random() : 3 + 8 * random() })));

const sortedDefense = { field: "defense", type: "nominal", title: null, scale: { domain: defenses } };
const panelFilter = (model, attack) => [{ filter: { field: "model", equal: model } }, { filter: { field: "attack", equal: attack } }];

/** One panel of the supplement's figures: change against MOS, the density of the changes at its right. */
function changePanel(model, attack) {
  return { transform: panelFilter(model, attack), hconcat: [
    { name: "", title: model, width: 250, height: 190, mark: { type: "point", name: "points" }, encoding: {
      x: { field: "mos", type: "quantitative", title: "MOS" }, y: { field: "change", type: "quantitative", title: "score change" }, color: sortedDefense } },
    { width: 56, height: 190, transform: [{ density: "change", groupby: ["defense"], as: ["change", "density"] }],
      mark: { type: "area", orient: "horizontal" }, encoding: {
        y: { field: "change", type: "quantitative", axis: null }, x: { field: "density", type: "quantitative", axis: null, stack: null },
        color: sortedDefense } }], spacing: 4, resolve: { scale: { y: "shared" } } };
}

const cleaned = (panel) => { panel.hconcat.forEach((view) => { delete view.name; delete view.mark.name; }); return panel; };
const figure = (id, caption, spec) => ({ kind: "figure", id, caption, spec });
const changeFigures = attacks.map((attack) => figure(`score-change-${attack.toLowerCase().replace(/[^a-z]+/g, "-")}`,
  `Absolute score change of every test picture under ${attack}, against its MOS; at the right the fitted distribution.`,
  { data: { name: "points-0" }, columns: 2, concat: models.map((model) => cleaned(changePanel(model, attack))),
    resolve: { scale: { color: "shared" } } }));
const beforeAfterFigure = figure("before-after", "Score after the attack against the score before it (FGSM). The line marks an unchanged score.",
  { data: { name: "points-0" }, columns: 3, concat: models.slice(0, 6).map((model) => ({ transform: panelFilter(model, attacks[0]), title: model, width: 230, height: 210,
    layer: [{ mark: "point", encoding: { x: { field: "before", type: "quantitative", title: "score before", scale: { zero: false } },
      y: { field: "after", type: "quantitative", title: "score after", scale: { zero: false } }, color: sortedDefense } },
    { data: { values: [{ low: 0 }, { low: 100 }] }, mark: { type: "line", strokeDash: [4, 3], strokeWidth: 1 }, encoding: { x: { field: "low", type: "quantitative" }, y: { field: "low", type: "quantitative" } } }] })),
  resolve: { scale: { color: "shared" } } });
const curveFigure = figure("security", "SROCC between scores before and after, over the intensity of the attack.",
  { data: { name: "curves" }, columns: 2, concat: models.slice(0, 4).map((model) => ({ transform: [{ filter: { field: "model", equal: model } }], title: model, width: 300, height: 180,
    mark: { type: "line", point: true }, encoding: { x: { field: "epsilon", type: "quantitative", title: "ε" }, y: { field: "srocc", type: "quantitative", title: "SROCC", scale: { zero: false } },
      color: sortedDefense, strokeDash: { field: "attack", type: "nominal", title: null } } })), resolve: { scale: { color: "shared" } } });
const transferFigure = figure("transfer", "Mean score change of the target (columns) under pictures that were made against the source (rows).",
  { data: { name: "transfer" }, encoding: { x: { field: "target", type: "nominal", sort: null, title: "target" }, y: { field: "source", type: "nominal", sort: null, title: "source" } },
    width: { step: 56 }, height: { step: 28 },
    layer: [{ mark: "rect", encoding: { color: { field: "change", type: "quantitative", title: "mean change" } } },
      { mark: "text", encoding: { text: { field: "change", type: "quantitative", format: ".1f" } } }] });

const shown = Array.from({ length: 4 }, (_, column) => ({ column, model: models[0], attack: attacks[0], defense: "base", url: png(scene(77 + column, 48, 48, 20), 48, 48) }));
const pictureFigure = figure("attacked-pictures", "Pictures inside a figure.", { data: { name: "shown" }, width: 480, height: 120,
  mark: { type: "image", width: 110, height: 110 }, encoding: { url: { field: "url", type: "nominal" },
    x: { field: "column", type: "quantitative", axis: null, scale: { domain: [-0.5, 3.5], nice: false } } } });

const noAbout = { model: "", defense: "", attack: "" };
const pairCell = (base, nt, digits = 4, deviation = 0.01) => [{ v: rounded(base), d: digits, best: base > nt, sd: deviation }, { v: rounded(nt), d: digits, best: nt >= base, sd: deviation }];
const cleanTable = { kind: "table", id: "clean", caption: "Performance on clean pictures, base / +NT; mean and standard deviation over three seeds.",
  notes: ["RMSE is on the normalised scale of 0 to 100.", "SROCC, PLCC and KROCC are between the scores and the MOS."],
  columns: [{ name: "Model", group: "", keys: ["model"], about: noAbout },
    ...["RMSE ↓", "SROCC ↑", "PLCC ↑", "KROCC ↑"].map((name) => ({ name, group: "", keys: ["base", "nt"].map((part) => `${name.split(" ")[0].toLowerCase()}_${part}`), about: noAbout }))],
  rows: models.flatMap((model, place) => {
    const about = { ...noAbout, model };
    const cells = () => [[{ v: model }], pairCell(12 - place * 0.4 + random(), 12.2 - place * 0.4, 2, 0.2), ...[0.9, 0.91, 0.73].map((level) => pairCell(level - 0.2 * random() * random(), level - 0.02 - 0.1 * random()))];
    const reference = { about, reference: true, cells: cells().map((cell) => cell.map(({ best, sd, ...value }) => value)) };
    return place < 4 ? [{ about, reference: false, cells: cells() }, reference] : [{ about, reference: false, cells: cells() }];
  }) };
const robustTable = { kind: "table", id: "robustness", caption: "SROCC between the scores before and after each attack, base / +NT.",
  notes: ["Korhonen & You: made on a substitute model and carried over."],
  columns: [{ name: "Model", group: "", keys: ["model"], about: noAbout }, ...attacks.flatMap((attack) => ["SROCC ↑", "RMSE ↓"].map((name) =>
    ({ name, group: attack, keys: ["base", "nt"].map((part) => `${name.slice(0, 5).trim().toLowerCase()}_${part}`), about: { ...noAbout, attack } })))],
  rows: models.map((model) => ({ about: { ...noAbout, model }, reference: false, cells: [[{ v: model }], ...attacks.flatMap((attack) => {
    const base = whiteBox.has(attack) ? 0.3 * random() : 0.6 + 0.2 * random();
    return [[{ v: rounded(base), d: 3 }, { v: rounded(base + 0.25), d: 3, best: true }], [{ v: rounded(30 * (1 - base)), d: 1 }, { v: random() < 0.1 ? null : rounded(18 * (1 - base)), d: 1, best: true }]];
  })] })) };
const gradientTable = { kind: "table", id: "bands", caption: "Mean absolute score change by band of MOS, FGSM.", notes: [],
  columns: ["Model", "Defense", "0–25", "25–50", "50–75", "75–100"].map((name, place) => ({ name, group: place > 1 ? "MOS" : "", keys: [place < 2 ? name.toLowerCase() : `band_${place}`], about: noAbout })),
  rows: models.flatMap((model) => defenses.map((defense) => ({ about: { model, defense, attack: attacks[0] }, reference: false,
    cells: [[{ v: model }], [{ v: defense }], ...[0, 1, 2, 3].map(() => [{ v: rounded(30 * random() * (defense === "base" ? 1 : 0.4)), d: 1 }])] }))) };

const kinds = ["largest change", "typical", "random"];
const size = 160;
const examples = Array.from({ length: exampleCount }, (_, place) => {
  const picture = (place * 37) % pictureCount;
  const model = models[place % models.length];
  const attack = attacks[Math.floor(place / 3) % attacks.length];
  const defense = defenses[place % 2];
  const row = points.find((point) => point.picture === picture && point.model === model && point.defense === defense && point.attack === attack);
  const clean = scene(1000 + picture, size, size, 22);
  return { picture, model, defense, attack, seed: "0", kind: kinds[place % 3], before: rounded(row.before), after: rounded(row.after),
    ssim: rounded(0.93 + 0.06 * random()), linf: row.linf, clean: png(clean, size, size), attacked: png(attackedScene(clean, place + 1, size), size, size) };
});

const hash = (letter) => letter.repeat(64);
const runs = [0, 1].map((seed) => ({
  facts: Object.entries({ Folder: `runs/made-up/cell-${seed}`, Kind: "evaluate", Status: "finished",
    Command: `robiq evaluate 'hyperiqa:weights=weights/seed${seed}.safetensors' --data 'made-up:seed=7' --attack fgsm:eps=0.005 --attack uap --out runs/made-up/cell-${seed}`,
    robiq: "0.1.0", LibTorch: "2.7.1", Device: "cpu", Threads: "2", Seed: String(seed), Started: "2026-01-02 10:00:00", Took: "21 min 37 s",
    "Configuration (SHA-256)": hash("4"), "Weights (SHA-256)": hash("b") }),
  flags: seed === 0 ? ["outside-scale (warning): 3 of 1,162 attacked scores lie outside the scale of training"] : [] }));

const figureSections = [
  { id: "change", title: "Score change", text: "How far each attack moves the score of a picture, with and without NT training.", blocks: [...changeFigures, gradientTable] },
  { id: "beyond", title: "Beyond the paper", text: "", blocks: [beforeAfterFigure, curveFigure, transferFigure, pictureFigure] }];
const island = { title: "Robustness of image quality models", text: "A made-up study: its numbers come from formulas and say nothing about any model.\n\n> **Not finished:** run 2 of runs/made-up is marked \"stopped\"; its numbers cover only what it had done.",
  robiq_version: "0.1.0", sections: [
    { id: "clean", title: "Clean performance", text: "Scores of `clean` pictures against their MOS. </script><b>Nothing here is markup.</b>", blocks: [cleanTable] },
    { id: "robustness", title: "Under attack", text: "", blocks: [robustTable] }, ...figureSections],
  data: { "points-0": asColumns(points), curves: asColumns(curves), transfer: asColumns(transfer), shown: asColumns(shown) }, pictures, examples, runs };
writeFileSync(out, JSON.stringify(island).replaceAll("<", "\\u003c"));
