import { expect, it } from "vitest";
import type { Row } from "../generated/views.ts";
import { arrange } from "./arrange.ts";

const row = (name: string, detail = "", kind = "Role"): Row => ({
  id: name,
  name,
  detail,
  kind,
  look: "full",
  time: "",
  sentence: "",
  known_by: null,
  left_permille: null,
  action: "renew",
  trouble: null,
  notes: [],
  used_in: [],
  held_by: [],
  more: [],
});

const rows = [
  row("prod-10", "Admin in 111122223333"),
  row("Prod-9", "Reader in 444455556666"),
  row("mfa", "", "MFA session"),
];
const names = (query: string, order: "end" | "name" = "end"): string[] =>
  arrange(rows, query, order).map(({ name }) => name);

it("keeps the order of the view when sorted by end", () => {
  expect(names("")).toEqual(["prod-10", "Prod-9", "mfa"]);
});

it("sorts names as people do, numbers by their value", () => {
  expect(names("", "name")).toEqual(["mfa", "Prod-9", "prod-10"]);
});

it("finds every word of the query in name, account or kind, in any case", () => {
  expect(names("PROD 4444")).toEqual(["Prod-9"]);
  expect(names("session")).toEqual(["mfa"]);
  expect(names("prod session")).toEqual([]);
});

it("finds all when the query has only blanks", () => {
  expect(names("  ")).toHaveLength(3);
});
