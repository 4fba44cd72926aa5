import { describe, expect, it } from "vitest";
import { drawnSpan, topOf, type Measures } from "./span.ts";

const list: Measures = { count: 2000, rowHeight: 60, open: null, scrollTop: 0, viewport: 500 };

describe("the drawn rows", () => {
  it("are few, however long the list is", () => {
    for (let scrollTop = 0; scrollTop <= 2000 * 60 - 500; scrollTop += 997) {
      const { first, last } = drawnSpan({ ...list, scrollTop });
      expect(last - first).toBeLessThanOrEqual(27);
    }
  });

  it("cover all that can be seen, wherever the list stands", () => {
    const open = { index: 3, height: 220 };
    for (let scrollTop = 0; scrollTop <= 2000 * 60; scrollTop += 61) {
      const { first, last } = drawnSpan({ ...list, open, scrollTop });
      const measures = { ...list, open };
      expect(topOf(first, measures)).toBeLessThanOrEqual(Math.min(scrollTop, topOf(1999, measures)));
      expect(topOf(last, measures)).toBeGreaterThanOrEqual(Math.min(scrollTop + 500, topOf(2000, measures)));
    }
  });

  it("leave the same room in all, whatever is drawn", () => {
    const open = { index: 30, height: 220 };
    for (const scrollTop of [0, 1500, 1800, 2100, 60_000, 999_999]) {
      const { first, last, before, height } = drawnSpan({ ...list, open, scrollTop });
      const drawn = (last - first) * 60 + (open.index >= first && open.index < last ? open.height : 0);
      expect(height).toBe(2000 * 60 + 220);
      expect(before + drawn).toBeLessThanOrEqual(height);
    }
  });

  it("are none in an empty list", () => {
    expect(drawnSpan({ ...list, count: 0 })).toEqual({ first: 0, last: 0, before: 0, height: 0 });
  });

  it("are the last ones when the list became shorter than it was scrolled", () => {
    expect(drawnSpan({ ...list, count: 3, scrollTop: 9000 })).toMatchObject({ first: 0, last: 3 });
  });
});
