import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { launch, sizes } from "./stage.js";

export type WindowName = keyof typeof sizes;

export interface Visitor {
  /** Opens a window in a scenario; a test fails by what is left in `complaints` at its end. */
  open: (name: WindowName, scenario: string, options?: BrowserContextOptions) => Promise<Page>;
  /** What the policy refused, what was thrown, what did not load. */
  complaints: string[];
}

/** One Chromium for the tests of a file. */
export function visitor(textScale = 1): Visitor {
  const complaints: string[] = [];
  let browser: Browser | undefined;
  let contexts: BrowserContext[] = [];

  beforeAll(async () => {
    browser = await launch({ textScale });
  });

  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    expect(complaints.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
  });

  return {
    complaints,
    async open(name, scenario, options) {
      if (!browser) throw new Error("the browser is not started yet");
      const context = await browser.newContext({ viewport: sizes[name], reducedMotion: "reduce", ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(`${scenario}: ${error.message}`));
      page.on("console", (line) => {
        // Chromium asks for a tab's icon; the windows of the app have none.
        if (line.location().url.endsWith("/favicon.ico")) return;
        if (line.type() === "error" || line.type() === "warning") complaints.push(`${scenario}: ${line.text()}`);
      });
      await page.goto(`${inject("url")}/${name}.html?scenario=${scenario}`);
      await page.waitForFunction(() => "sandglassCalls" in window);
      return page;
    },
  };
}

export function callsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => window.sandglassCalls);
}
