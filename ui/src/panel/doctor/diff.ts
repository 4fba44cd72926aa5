/** A unified diff, as lines that know what they are. */

export interface DiffLine {
  /** `place` says where: the file, or the lines. */
  kind: "added" | "removed" | "same" | "place";
  text: string;
}

export function linesOf(diff: string): readonly DiffLine[] {
  const texts = diff.replace(/\n$/, "").split("\n");
  return texts.flatMap((text, index): DiffLine[] => {
    // The file's name stands there twice, once with each sign: that is neither removed nor added.
    if (text.startsWith("--- ") && texts[index + 1]?.startsWith("+++ ")) {
      return [{ kind: "place", text: text.slice("--- ".length) }];
    }
    if (text.startsWith("+++ ") && texts[index - 1]?.startsWith("--- ")) return [];
    if (text.startsWith("@@") || text.startsWith("\\")) return [{ kind: "place", text }];
    if (text.startsWith("+")) return [{ kind: "added", text }];
    if (text.startsWith("-")) return [{ kind: "removed", text }];
    return [{ kind: "same", text }];
  });
}
