/** What can be done about a session, in words. */

import type { Look, MoreAction, RowAction } from "../generated/views.ts";

/** What a click on a row, or in its details, asks for. */
export type Deed = RowAction | MoreAction;

/** What the button of a row says; null where there is nothing to click. */
export const rowVerbs: Record<RowAction, string | null> = {
  renew: "Renew",
  sign_in: "Sign in",
  run: "Run",
  read_again: "Read again",
  check: "Check",
  elsewhere: null,
  busy: null,
};

/** What the buttons in the details say, and what should be known before the click; empty where that goes without saying. */
export const moreWords: Record<MoreAction, { verb: string; hint: string }> = {
  check: { verb: "Check now", hint: "" },
  sign_in_afresh: {
    verb: "Start a fresh session…",
    hint: "Signs out of the portal first, which signs other tools out, too. The new sign-in has an end of its own.",
  },
};

/** What the way to the doctor's page says in the details. */
export function whyWords(look: Look): string {
  return look === "empty" || look === "broken" ? "Why did it expire?" : "Look into it";
}
