// Run cards: what was run, with what, and what robiq had to say about it.
import { element } from "./dom.js";

const isCode = (name, value) => name === "Command" || /^[0-9a-f]{40,}$/.test(value);
const factOf = (run, name) => run.facts.find(([fact]) => fact === name)?.[1] ?? "";

function cardNode(run, place, open) {
  const title = factOf(run, "Label") || factOf(run, "Folder") || run.facts[0]?.[1] || `Run ${place + 1}`;
  const summary = ["Kind", "Device", "Seed", "Status"].map((name) => [name, factOf(run, name)]).filter(([, value]) => value !== "")
    .map(([name, value]) => (name === "Seed" ? `seed ${value}` : value));
  return element("details", { class: "run-card", open },
    element("summary", {}, element("strong", {}, title), element("span", { class: "run-summary" }, summary.join(" · ")),
      run.flags.length > 0 && element("span", { class: "flag-count" }, run.flags.length === 1 ? "1 flag" : `${run.flags.length} flags`)),
    element("dl", { class: "facts" }, run.facts.filter(([, value]) => value !== "").map(([name, value]) => element("div", {},
      element("dt", {}, name), element("dd", {}, isCode(name, value) ? element("code", {}, value) : value)))),
    run.flags.length > 0 && element("div", { class: "flags" }, element("h3", {}, "Flags"),
      element("ul", {}, run.flags.map((flag) => element("li", {}, flag)))));
}

/** The section "Runs". */
export function buildRuns(runs) {
  return element("div", { class: "runs" }, runs.map((run, place) => cardNode(run, place, runs.length === 1)));
}
