/** What can be measured of a window that is drawn. */

import axe from "axe-core";
import type { Page } from "playwright-core";
import { answered } from "./stage.js";

/** Shows what the first view hides: an open row with its button, the findings, what the doctor has more to say. */
export async function unfold(page: Page): Promise<void> {
  await answered(page);
  for (const summary of await page.locator("summary").all()) await summary.click();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("details")].every((details) => details.querySelector(".page, .orders")),
  );
  const findings = page.getByRole("button", { name: /to look at$/ }).first();
  if (await findings.isVisible()) await findings.click();
  const row = page.getByRole("row").first();
  if (await row.isVisible()) await row.click({ position: { x: 60, y: 20 } });
}

export async function barriers(page: Page): Promise<string[]> {
  // Run by the tester, outside the page's policy: the page itself may not run text.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`));
}

export function overflow(page: Page): Promise<{ sideways: number; down: number }> {
  return page.evaluate(() => {
    const app = document.getElementById("app");
    return {
      sideways: Math.max(0, (app?.scrollWidth ?? 0) - innerWidth),
      down: Math.max(0, (app?.scrollHeight ?? 0) - innerHeight),
    };
  });
}

/** Texts that are cut off, except at an ellipsis, for an open row tells the whole text, and in a diff, which scrolls. */
export function clippedTexts(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("#app *")]
      .filter((element) => !element.closest(".hidden, .cells, .field, svg, pre"))
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
export function overlaps(page: Page): Promise<string[]> {
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
