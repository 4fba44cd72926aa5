/** Serves the fake build under the policy that the app has, and opens its windows in Chromium. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { build, preview } from "vite";

/** The sizes of the windows, in CSS pixels. */
export const sizes = { panel: { width: 420, height: 640 }, prompt: { width: 400, height: 380 } };

export const scenarios = {
  panel: [
    "all-well",
    "kinds",
    "everything",
    "first-run",
    "empty",
    "loading",
    "starting",
    "gone",
    "no-tray",
    "many",
    "refused",
    "doctor",
    "doctor-over",
    "doctor-well",
    "doctor-empty",
    "doctor-long",
    "doctor-asking",
    "doctor-gone",
    "doctor-trouble",
    "doctor-refused",
  ],
  prompt: [
    "code",
    "code-alone",
    "code-wrong",
    "code-used",
    "code-checking",
    "sign-in",
    "sign-in-choosing",
    "sign-in-starting",
    "sign-in-failed",
    "loading",
  ],
};

/** Waits for the doctor's answer, where he was asked and gives one at all. */
export async function answered(tab) {
  const silent = /scenario=doctor-(asking|gone)/.test(tab.url());
  if (!silent && tab.url().includes("scenario=doctor")) await tab.locator('.answer[aria-busy="false"]').waitFor();
}

/** The policy of tauri.conf.json, as the header that a browser understands. */
export function contentSecurityPolicy() {
  const file = new URL("../../../tauri.conf.json", import.meta.url);
  const { csp } = JSON.parse(readFileSync(file, "utf8")).app.security;
  if (typeof csp === "string") return csp;
  return Object.entries(csp)
    .map(([directive, sources]) => [directive, sources].flat().join(" "))
    .join("; ");
}

/** Builds and serves; gives back the address and how to stop. */
export async function serve() {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  await build({ root, mode: "fake", logLevel: "warn" });
  const server = await preview({
    root,
    mode: "fake",
    logLevel: "warn",
    preview: {
      host: "127.0.0.1",
      port: 0,
      headers: { "Content-Security-Policy": contentSecurityPolicy() },
    },
  });
  const address = server.httpServer.address();
  return { url: `http://127.0.0.1:${address.port}`, stop: () => server.close() };
}

/** Starts Debian's Chromium, or the one that SANDGLASS_CHROMIUM names. `textScale` 2 is text at 200 %. */
export function launch({ textScale = 1 } = {}) {
  const executablePath = process.env.SANDGLASS_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(`no Chromium at \`${executablePath}\`: install the package chromium, or set SANDGLASS_CHROMIUM`);
  }
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--blink-settings=defaultFontSize=${16 * textScale},defaultFixedFontSize=${13 * textScale}`,
    ],
  });
}
