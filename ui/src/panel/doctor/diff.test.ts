import { expect, it } from "vitest";
import { linesOf } from "./diff.ts";

const kinds = (diff: string): string[] => linesOf(diff).map(({ kind, text }) => `${kind} ${text}`);

it("the name of a file stands there once, and is neither added nor removed", () => {
  expect(kinds("--- ~/.aws/config\n+++ ~/.aws/config\n@@ -1,2 +1,2 @@\n [a]\n-x = 1\n+x = 2\n")).toEqual([
    "place ~/.aws/config",
    "place @@ -1,2 +1,2 @@",
    "same  [a]",
    "removed -x = 1",
    "added +x = 2",
  ]);
});

it("lines that begin with dashes or signs themselves are what they are", () => {
  expect(kinds("@@ -1,2 +1,2 @@\n--- a comment\n-gone\n+++ plus\n\\ No newline at end of file")).toEqual([
    "place @@ -1,2 +1,2 @@",
    "removed --- a comment",
    "removed -gone",
    "added +++ plus",
    "place \\ No newline at end of file",
  ]);
});

it("a change without a file's lines has its signs, too", () => {
  expect(kinds("- ~/.aws/config (mode 0644)\n+ ~/.aws/config (mode 0600)\n")).toEqual([
    "removed - ~/.aws/config (mode 0644)",
    "added + ~/.aws/config (mode 0600)",
  ]);
});
