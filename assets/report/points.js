// Where the points of a drawing are, so that the one nearest to the pointer can be found: points are small.

/** Whether a mark stands for a picture of the report. */
export function isPicture(item) {
  return Number.isInteger(item?.datum?.picture);
}

/** All points of a view that stand for pictures: {x, y, item}, in pixels of its canvas. */
function pointsOf(view) {
  const padding = view.padding();
  const [left, top] = view.origin();
  const points = [];
  const walk = (group, x, y) => {
    for (const mark of group.items ?? []) {
      if (mark.marktype === "group") mark.items.forEach((child) => walk(child, x + (child.x || 0), y + (child.y || 0)));
      else if (mark.marktype === "symbol" && mark.role === "mark") {
        mark.items.filter(isPicture).forEach((item) => points.push({ x: x + item.x, y: y + item.y, item }));
      }
    }
  };
  view.scenegraph().root.items.forEach((group) => walk(group, left + padding.left + (group.x || 0), top + padding.top + (group.y || 0)));
  return points;
}

/** The points of one drawing. */
export class PointMap {
  constructor(view) {
    this.view = view;
    this.points = null;
  }

  all() {
    this.points ??= pointsOf(this.view);
    return this.points;
  }

  /** The mark of the point nearest to a place of the canvas; undefined when none is within `radius` pixels. */
  nearest(x, y, radius) {
    let best = undefined;
    let bestSquare = radius * radius;
    for (const point of this.all()) {
      const square = (point.x - x) ** 2 + (point.y - y) ** 2;
      if (square <= bestSquare) {
        bestSquare = square;
        best = point.item;
      }
    }
    return best;
  }
}
