/** How much of a paste is kept: more makes a text field slow, and the command line reads logs of any length. */
export const MOST = 1_000_000;

/** The end of a text: what failed stands there. Never half of a character. */
export function kept(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.slice(text.length - most);
  return /^[\uDC00-\uDFFF]/.test(end) ? end.slice(1) : end;
}
