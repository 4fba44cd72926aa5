/** Takes a picture of every scenario in light, dark and large text: `npm run shots -- FOLDER [NAME]`. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { answered, launch, scenarios, serve, sizes } from "./browser/stage.js";

const folder = process.argv[2] ?? "shots";
mkdirSync(folder, { recursive: true });

/** What is done before the picture, where a state is more than its first view. */
const act = {
  kinds: async (tab) => {
    await tab.getByRole("row", { name: /^partner-saml/ }).click();
  },
  "kinds+portal": async (tab) => {
    await tab.getByRole("row", { name: /^corp/ }).click();
    await tab.getByRole("row", { name: /^corp/ }).hover();
  },
  "kinds+end": async (tab) => {
    await tab.getByRole("treegrid").focus();
    await tab.keyboard.press("End");
    await tab.keyboard.press("Space");
  },
  everything: async (tab) => {
    await tab.locator("#session-6").click();
    await tab.locator("#session-1").hover();
  },
  "no-tray": async (tab) => {
    await tab.keyboard.press("/");
    await tab.keyboard.type("prod");
    await tab.keyboard.press("ArrowDown");
    await tab.keyboard.press("Space");
  },
  refused: async (tab) => {
    await tab.locator(".primary").click();
  },
  "everything+held": async (tab) => {
    await tab.getByRole("row", { name: /^prod-admin/ }).click();
  },
  "doctor-over+pasted": async (tab) => {
    await tab.getByRole("textbox").fill("upload failed: An error occurred (ExpiredToken) when calling PutObject");
    await tab.getByRole("button", { name: "Look" }).click();
    await tab.getByText(/Said by/).waitFor();
    await tab.getByText(/It can be about/).scrollIntoViewIfNeeded();
  },
  "doctor-over+page": async (tab) => {
    const page = tab.getByText("More about session-over");
    await page.click();
    await tab.locator(".page h4").first().waitFor();
    await page.scrollIntoViewIfNeeded();
    await tab.locator(".page h4").last().scrollIntoViewIfNeeded();
  },
  "doctor-over+orders": async (tab) => {
    await tab.getByText("Which credentials win").click();
    await tab.getByLabel("SDK").scrollIntoViewIfNeeded();
    await tab.locator(".hint").scrollIntoViewIfNeeded();
  },
  "doctor+lifetimes": async (tab) => {
    await tab.getByText("This machine").scrollIntoViewIfNeeded();
  },
  "doctor+notes": async (tab) => {
    await tab.getByText("names its portal in the profile itself").scrollIntoViewIfNeeded();
  },
  "doctor+repair": async (tab) => {
    await tab.getByRole("button", { name: "Show the repair…" }).first().click();
    await tab.locator("ins").first().waitFor();
  },
  "doctor+nothing": async (tab) => {
    await tab.getByRole("button", { name: "Undo the last repair…" }).click();
    await tab.getByText("There is no repair to undo").waitFor();
  },
  "doctor+made": async (tab) => {
    await tab.getByRole("button", { name: "Show the repair…" }).first().click();
    await tab.getByRole("button", { name: "Change it", exact: true }).click();
    await tab.getByText("takes it back").waitFor();
    await tab.locator(".findings").waitFor();
  },
  "doctor-refused+change": async (tab) => {
    await tab.getByRole("button", { name: "Show the repair…" }).first().click();
    await tab.getByRole("button", { name: "Change it", exact: true }).click();
    await tab.getByText("was changed since it was shown").waitFor();
  },
  "code-used": async (tab) => {
    await tab.keyboard.type("1234");
  },
};

/** A scenario may have further pictures, `scenario+what is done`. */
function picturesOf(names) {
  return names.flatMap((name) => [name, ...Object.keys(act).filter((picture) => picture.startsWith(`${name}+`))]);
}

const { url, stop } = await serve();
for (const textScale of [1, 2]) {
  const browser = await launch({ textScale });
  for (const colorScheme of ["light", "dark"]) {
    for (const [page, names] of Object.entries(scenarios)) {
      for (const name of picturesOf(names).filter((name) => name.includes(process.argv[3] ?? ""))) {
        const context = await browser.newContext({
          viewport: sizes[page],
          colorScheme,
          deviceScaleFactor: 2,
          reducedMotion: "reduce",
        });
        const tab = await context.newPage();
        await tab.goto(`${url}/${page}.html?scenario=${name.split("+")[0]}`);
        await answered(tab);
        await act[name]?.(tab);
        const size = textScale === 1 ? "" : "-large-text";
        await tab.screenshot({ path: join(folder, `${page}-${name}-${colorScheme}${size}.png`) });
        await context.close();
      }
    }
  }
  await browser.close();
}
await stop();
