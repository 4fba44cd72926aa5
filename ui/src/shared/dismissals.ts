/** What the person sent away, remembered across windows: names of hints and findings, nothing else. */

const KEY = "sandglass.dismissed";

export function dismissed(): ReadonlySet<string> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(stored) ? stored.filter((name) => typeof name === "string") : []);
  } catch {
    // A store that cannot be read has nothing in it.
    return new Set();
  }
}

export function dismiss(names: readonly string[]): ReadonlySet<string> {
  const all = new Set([...dismissed(), ...names]);
  try {
    localStorage.setItem(KEY, JSON.stringify([...all].slice(-MOST)));
  } catch {
    // A store that is full or forbidden forgets; the hint comes back with the next window.
  }
  return all;
}

/** Old names fall out of the store, so that it cannot grow for ever. */
const MOST = 200;
