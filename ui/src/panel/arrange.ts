import type { Row } from "../generated/views.ts";

/** `end` is the order of the view itself: soonest end first. */
export type Order = "end" | "name";

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** The rows that have every word of the query somewhere, in the order asked for. */
export function arrange(rows: readonly Row[], query: string, order: Order): readonly Row[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? rows : rows.filter((row) => hasAll(row, words));
  return order === "end" ? found : found.toSorted((a, b) => names.compare(a.name, b.name));
}

function hasAll(row: Row, words: readonly string[]): boolean {
  const text = `${row.name} ${row.detail} ${row.kind}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
