/** The doctor's words for what the agent names. */

import type { Change, Deed, Diagnosed, DoctorView, Mark, Origin, Severity } from "../../generated/views.ts";

export const severityWords: Record<Severity, string> = { error: "Error", warning: "Warning", note: "Note" };

export const markWords: Record<Mark, string> = {
  wins: "taken",
  stops: "ends here with an error",
  loses: "not taken",
};

const changeVerbs: Record<Change["kind"], string> = {
  repair: "Show the repair…",
  undo_repair: "Undo the last repair…",
  duration: "Change it…",
  role_maximum: "Raise it…",
};

/** What stands above a change while it is shown. */
export const changeTitles: Record<Change["kind"], string> = {
  repair: "What the repair changes",
  undo_repair: "Undo the last repair",
  duration: "Ask for another length",
  role_maximum: "Raise the role's maximum",
};

/** What the button of a remedy says; dots where something is shown before it is done. */
export function deedVerb(deed: Deed): string {
  switch (deed.kind) {
    case "renew":
      return "Renew";
    case "sign_in":
      return "Sign in";
    case "check":
      return "Check now";
    case "change":
      return changeVerbs[deed.change.kind];
  }
}

/** Who says an error of the text, what it can be about, and where it stands. */
export function originWords({ said_by, about, sessions, line, times }: Origin): string {
  const here = sessions.length > 0 ? `Here: ${sessions.map((name) => `\`${name}\``).join(", ")}.` : "";
  const often = times > 1 ? `, ${times} times` : "";
  const place = line > 1 || often ? `Line ${line}${often}.` : "";
  return [`Said by ${said_by}.`, `It can be about ${about}.`, here, place].filter(Boolean).join(" ");
}

/** `2 errors, 1 note`; empty where nothing is wrong. */
export function countOf(findings: readonly Diagnosed[]): string {
  return (["error", "warning", "note"] as const)
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}${count === 1 ? "" : "s"}`)
    .join(", ");
}

/** Whether anything of a text was recognized: what comes from a text has an origin in it. */
export function recognized(view: DoctorView): boolean {
  return view.findings.some((finding) => finding.origin !== null);
}
