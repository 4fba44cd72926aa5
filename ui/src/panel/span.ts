/**
 * Which rows of a long list are drawn. All rows are equally high; one may be open, with its details below it.
 */

/** Rows beyond both edges that are drawn too, so that fast scrolling shows no gap. */
const MARGIN_ROWS = 8;

/** The measures of the list, in pixels. */
export interface Measures {
  count: number;
  rowHeight: number;
  /** The open row, and how high its details are. */
  open: { index: number; height: number } | null;
  scrollTop: number;
  viewport: number;
}

/** The rows to draw, from `first` up to but without `last`, the room to leave above them, and how high all rows are. */
export interface Span {
  first: number;
  last: number;
  before: number;
  height: number;
}

/** Where the row starts, counted from the start of the list. */
export function topOf(index: number, { rowHeight, open }: Pick<Measures, "rowHeight" | "open">): number {
  return index * rowHeight + (open && open.index < index ? open.height : 0);
}

export function drawnSpan(measures: Measures): Span {
  const { count, scrollTop, viewport } = measures;
  const first = Math.max(0, rowAt(scrollTop, measures) - MARGIN_ROWS);
  const last = Math.min(count, rowAt(scrollTop + viewport, measures) + 1 + MARGIN_ROWS);
  return { first, last, before: topOf(first, measures), height: topOf(count, measures) };
}

function rowAt(offset: number, { count, rowHeight, open }: Measures): number {
  const closed = Math.floor(offset / rowHeight);
  const index =
    open && closed > open.index ? Math.max(open.index, Math.floor((offset - open.height) / rowHeight)) : closed;
  return Math.min(Math.max(0, index), Math.max(0, count - 1));
}
