/** The page of each finding, from `docs/errors`: each is a chunk of its own, read when somebody opens it. */

import type { MarkedToken } from "marked";

const pages = import.meta.glob<string>("../../../../docs/errors/*.md", { query: "?raw", import: "default" });

const address = (code: string): string => `../../../../docs/errors/${code}.md`;

export function hasPage(code: string): boolean {
  return address(code) in pages;
}

/** The page without its title, which is the code again. */
export async function readPage(code: string): Promise<readonly MarkedToken[]> {
  const read = pages[address(code)];
  if (!read) throw new Error(`there is no page \`${code}\``);
  const [{ lexer }, text] = await Promise.all([import("marked"), read()]);
  const tokens = lexer(text) as MarkedToken[];
  return tokens.filter((token) => token.type !== "space" && !(token.type === "heading" && token.depth === 1));
}
