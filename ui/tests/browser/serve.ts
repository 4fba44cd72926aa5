import type { TestProject } from "vitest/node";
import { serve } from "./stage.js";

declare module "vitest" {
  export interface ProvidedContext {
    url: string;
  }
}

/** Builds and serves the fake app once for all browser tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, stop } = await serve();
  project.provide("url", url);
  return stop;
}
