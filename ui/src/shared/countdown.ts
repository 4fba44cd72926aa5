/** A device shows a new code every 30 s, counted from 1970 (RFC 6238 with the step that AWS uses). */
export const CODE_STEP_SECONDS = 30;

/** Whole seconds until the device shows its next code: 1 to 30. */
export function secondsOfStepLeft(now: number): number {
  return CODE_STEP_SECONDS - (Math.floor(now / 1000) % CODE_STEP_SECONDS);
}

/** Whole seconds until the moment, never below 0. */
export function secondsUntil(moment: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(moment) - now) / 1000));
}

/** `9:41`, as it stands on a stopwatch. */
export function minutesAndSeconds(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
