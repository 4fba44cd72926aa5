import { expect, it } from "vitest";
import { kept } from "./paste.ts";

it("a text that is short enough stays as it is", () => {
  expect(kept("abc", 3)).toBe("abc");
});

it("of a longer one the end stays", () => {
  expect(kept("abc", 2)).toBe("bc");
  expect(kept("abc", 0)).toBe("");
});

it("no character is cut in half", () => {
  expect(kept("a😀b", 2)).toBe("b");
  expect(kept("a😀b", 3)).toBe("😀b");
});
