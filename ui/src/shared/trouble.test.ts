import { expect, it } from "vitest";
import { sentence, troubleOf } from "./trouble.ts";

it("takes message and remedy as the other side tells them", () => {
  const refusal = { code: "agent_gone", message: "there is no agent", remedy: "Wait a moment." };
  expect(troubleOf(refusal)).toEqual({ message: "there is no agent", remedy: "Wait a moment." });
});

it.each([
  ["a text", "command `renew` not allowed"],
  ["an error", new Error("command `renew` not allowed")],
])("puts a remedy beside %s", (_, reason) => {
  expect(troubleOf(reason).message).toBe("command `renew` not allowed");
  expect(troubleOf(reason).remedy).toMatch(/try again/i);
});

it.each([[null], [undefined], [42], [{}], [{ message: 7, remedy: "" }]])("has words even for %j", (reason) => {
  expect(troubleOf(reason).message).not.toBe("");
  expect(troubleOf(reason).remedy).not.toBe("");
});

it("makes a sentence of a remedy, and leaves literals and full stops alone", () => {
  expect(sentence("wait for the next code")).toBe("Wait for the next code.");
  expect(sentence("Wait.")).toBe("Wait.");
  expect(sentence("`mfa` must be written again")).toBe("`mfa` must be written again.");
});
