// The colours of the figures, shared by the page and by svg.mjs.

/** Ink, lines and data colours; base and +NT differ in hue and in lightness, so that they also differ in grey. */
export const themes = {
  light: {
    ink: "#1d2733",
    muted: "#566372",
    line: "#8b97a4",
    grid: "#e8ecf0",
    paper: "#ffffff",
    mark: "#24588f",
    categories: ["#24588f", "#e58a1f", "#1b8a6b", "#b1487e", "#7c6bb0", "#8a6d3b", "#4aa3c7", "#6b7480"],
    ramp: ["#f1f5f9", "#c9dbec", "#86b3d8"],
    diverging: ["#e9b072", "#f4efe8", "#86b3d8"],
  },
  dark: {
    ink: "#e4e9ef",
    muted: "#a3afbc",
    line: "#6d7a88",
    grid: "#2a333d",
    paper: "#14191f",
    mark: "#6fb0ee",
    categories: ["#6fb0ee", "#f5a94b", "#4fc3a1", "#e08bb8", "#b0a3e0", "#c9ab72", "#8fd3ee", "#9aa5b1"],
    ramp: ["#1b232c", "#274766", "#34699b"],
    diverging: ["#8a5a1c", "#222a32", "#34699b"],
  },
};

export const fontFamily =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif';

/**
 * The configuration of every figure. `options`: {dark, legendColumns, background}; a page draws without a
 * background of its own, a file has one.
 */
export function figureConfig({ dark = false, legendColumns = 4, background = null } = {}) {
  const theme = dark ? themes.dark : themes.light;
  return {
    background: background ?? "transparent",
    font: fontFamily,
    padding: 4,
    view: { stroke: null, continuousWidth: 260, continuousHeight: 200, discreteWidth: { step: 34 }, discreteHeight: { step: 26 } },
    mark: { color: theme.mark, tooltip: { content: "encoding" } },
    point: { filled: true, size: 22, opacity: 0.62 },
    circle: { size: 22, opacity: 0.62 },
    line: { strokeWidth: 1.8 },
    area: { opacity: 0.55 },
    rule: { color: theme.line, strokeDash: [4, 3] },
    text: { color: theme.ink, fontSize: 11 },
    rect: { stroke: theme.paper, strokeWidth: 1 },
    errorband: { band: { opacity: 0.18 } },
    title: { color: theme.ink, fontSize: 12.5, fontWeight: 600, anchor: "start", frame: "group", offset: 6, subtitleColor: theme.muted },
    header: { labelColor: theme.ink, titleColor: theme.muted, labelFontSize: 12, titleFontSize: 12, labelFontWeight: 600 },
    axis: {
      domainColor: theme.line, tickColor: theme.line, gridColor: theme.grid, labelColor: theme.muted,
      titleColor: theme.ink, titleFontWeight: 500, titleFontSize: 11.5, labelFontSize: 11, titlePadding: 6, tickSize: 4,
    },
    axisYQuantitative: { labelFlush: true },
    legend: {
      orient: "top", direction: "horizontal", columns: legendColumns, labelColor: theme.ink, titleColor: theme.muted,
      titleFontWeight: 500, titleFontSize: 11.5, labelFontSize: 11.5, symbolOpacity: 1, symbolSize: 60, labelLimit: 360,
      gradientLength: 180, gradientThickness: 10,
    },
    concat: { spacing: 26 },
    facet: { spacing: 22 },
    range: { category: theme.categories, ordinal: theme.categories, ramp: theme.ramp, heatmap: theme.ramp, diverging: theme.diverging },
  };
}
