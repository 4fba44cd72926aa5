import axe from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, inject, it } from "vitest";
import { scenarios, sizes } from "./stage.js";
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

/** Shows what the first view hides: an open row with its button, the findings. */
async function unfold(page: Page): Promise<void> {
  const findings = page.getByRole("button", { name: /to look at$/ }).first();
  if (await findings.isVisible()) await findings.click();
  const row = page.getByRole("row").first();
  if (await row.isVisible()) await row.click({ position: { x: 60, y: 20 } });
}

async function barriers(page: Page): Promise<string[]> {
  // Run by the tester, outside the page's policy: the page itself may not run text.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`));
}

function overflow(page: Page): Promise<{ sideways: number; down: number }> {
  return page.evaluate(() => {
    const app = document.getElementById("app");
    return {
      sideways: Math.max(0, (app?.scrollWidth ?? 0) - innerWidth),
      down: Math.max(0, (app?.scrollHeight ?? 0) - innerHeight),
    };
  });
}

/** Texts that are cut off, except at an ellipsis: an open row tells the whole text. */
function clippedTexts(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("#app *")]
      .filter((element) => !element.closest(".hidden, .cells, .field, svg"))
      .filter((element) => element.innerText.trim() !== "" && element.clientWidth > 0)
      .filter((element) => {
        const { overflowY, textOverflow } = getComputedStyle(element);
        const sideways = element.scrollWidth > element.clientWidth + 1 && textOverflow !== "ellipsis";
        const down = element.scrollHeight > element.clientHeight + 2 && overflowY === "hidden";
        return sideways || down;
      })
      .map((element) => `${element.className}: ${element.innerText}`),
  );
}

/** Pairs of texts and controls that lie over each other. */
function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const shown = [
      ...document.querySelectorAll<HTMLElement>("h1, h2, p, li, dt, dd, label, button, .name, .time, .detail, .kind"),
    ]
      .filter((element) => !element.closest(".hidden, [hidden]") && element.innerText.trim() !== "")
      .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }));
    const boxes = shown.map((element) => ({ element, box: element.getBoundingClientRect() }));
    return boxes.flatMap(({ element: a, box: p }, index) =>
      boxes.slice(index + 1).flatMap(({ element: b, box: q }) => {
        const apart = p.right <= q.left + 1 || q.right <= p.left + 1 || p.bottom <= q.top + 1 || q.bottom <= p.top + 1;
        const nested = a.contains(b) || b.contains(a);
        const sameScroller = a.closest(".list, ul") === b.closest(".list, ul");
        return apart || nested || !sameScroller ? [] : [`${a.innerText} / ${b.innerText}`];
      }),
    );
  });
}
