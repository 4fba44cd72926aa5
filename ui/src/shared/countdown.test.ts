import { expect, it } from "vitest";
import { minutesAndSeconds, secondsOfStepLeft, secondsUntil } from "./countdown.ts";

it("a step has 30 s at its start and 1 s in its last second", () => {
  expect(secondsOfStepLeft(0)).toBe(30);
  expect(secondsOfStepLeft(29_999)).toBe(1);
  expect(secondsOfStepLeft(30_000)).toBe(30);
});

it("a moment that has passed is 0 s away", () => {
  expect(secondsUntil("2026-01-01T00:00:10Z", Date.parse("2026-01-01T00:00:00.500Z"))).toBe(10);
  expect(secondsUntil("2026-01-01T00:00:10Z", Date.parse("2026-01-01T00:01:00Z"))).toBe(0);
});

it("seconds have two digits", () => {
  expect(minutesAndSeconds(581)).toBe("9:41");
  expect(minutesAndSeconds(5)).toBe("0:05");
});
