import type { Look } from "../generated/views.ts";

/** Each look in a word, for those who do not see its shape. */
export const lookWords: Record<Look, string> = {
  absent: "no credentials yet",
  full: "works",
  low: "ends soon",
  empty: "ended",
  turning: "being renewed",
  asking: "waits for you",
  waiting: "tries again by itself",
  broken: "cannot be renewed",
};
