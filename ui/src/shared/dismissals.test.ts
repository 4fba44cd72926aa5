import { afterEach, expect, it, vi } from "vitest";
import { dismiss, dismissed } from "./dismissals.ts";

afterEach(() => {
  localStorage.clear();
  vi.restoreAllMocks();
});

it("remembers what was sent away", () => {
  dismiss(["no-tray"]);
  expect(dismiss(["keychain locked"])).toEqual(new Set(["no-tray", "keychain locked"]));
  expect(dismissed()).toEqual(new Set(["no-tray", "keychain locked"]));
});

it.each(["{half", "42", "null", '[1, {"a": 2}]'])("starts afresh from a store that holds %s", (content) => {
  localStorage.setItem("sandglass.dismissed", content);
  expect(dismissed()).toEqual(new Set());
});

it("works where nothing can be stored", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new Error("the quota is used up");
  });
  expect(dismiss(["no-tray"])).toEqual(new Set(["no-tray"]));
});

it("does not grow for ever", () => {
  dismiss(Array.from({ length: 500 }, (_, index) => `finding ${index}`));
  expect(dismissed().size).toBe(200);
  expect(dismissed()).toContain("finding 499");
});
