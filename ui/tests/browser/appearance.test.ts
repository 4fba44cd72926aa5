import { describe, expect, inject, it } from "vitest";
import { barriers, clippedTexts, overflow, overlaps, unfold } from "./measure.ts";
import { answered, scenarios, sizes } from "./stage.js";
import { visitor, type WindowName } from "./visitor.ts";

const everyWindow = (Object.keys(scenarios) as WindowName[]).flatMap((name) =>
  scenarios[name].map((scenario) => [name, scenario] as const),
);

describe("at the usual text size", () => {
  const { open, complaints } = visitor();

  for (const colorScheme of ["light", "dark"] as const) {
    it.each(everyWindow)(`%s: %s has no barrier in ${colorScheme}`, async (name, scenario) => {
      const page = await open(name, scenario, { colorScheme });
      await unfold(page);
      expect(await barriers(page)).toEqual([]);
    });
  }

  it.each(everyWindow)("%s: %s fits its window", async (name, scenario) => {
    const page = await open(name, scenario);
    await answered(page);
    expect(await overflow(page)).toEqual({ sideways: 0, down: 0 });
    expect(await clippedTexts(page)).toEqual([]);
  });

  it("the policy of the app is in force here", async () => {
    const page = await open("panel", "all-well");
    await page.evaluate(() => {
      document.body.setAttribute("style", "color: red");
    });
    await expect.poll(() => complaints.join()).toMatch(/style-src 'self'/);
    complaints.splice(0);
  });

  it("the page is painted before any script runs", async () => {
    const page = await open("panel", "all-well");
    await page.route("**/*.js", async (route) => {
      await route.abort();
    });
    await page.goto(`${inject("url")}/panel.html`);
    expect(await page.locator(".skeleton i").count()).toBe(4);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(247, 245, 241)");
    complaints.splice(0);
  });
});

describe("with text at 200 %", () => {
  const { open } = visitor(2);

  it.each(everyWindow)("%s: %s is neither clipped nor laid over itself", async (name, scenario) => {
    const page = await open(name, scenario);
    await unfold(page);
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("32px");
    expect((await overflow(page)).sideways).toBe(0);
    expect(await clippedTexts(page)).toEqual([]);
    expect(await overlaps(page)).toEqual([]);
  });
});

it("the sizes are those of the real windows", () => {
  expect(sizes).toEqual({ panel: { width: 420, height: 640 }, prompt: { width: 400, height: 380 } });
});
