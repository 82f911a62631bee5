/**
 * Filters the shown messages by text, author and people or bots. The filter is part of the URL, so
 * it can be shared.
 */
import type { Comment } from "#schema/comment";

export const KINDS = ["all", "people", "bots"] as const;

export interface Filter {
  text: string;
  /** Empty for all authors. */
  author: string;
  kind: (typeof KINDS)[number];
}

export const NO_FILTER: Filter = { text: "", author: "", kind: "all" };

export function isFiltering({ text, author, kind }: Filter): boolean {
  return text.trim() !== "" || author !== "" || kind !== "all";
}

/** Reads the filter from a URL's query and ignores other parameters. */
export function parseFilter(search: string): Filter {
  const parameters = new URLSearchParams(search);
  const kind = KINDS.find((known) => known === parameters.get("show")) ?? "all";
  return { text: parameters.get("q") ?? "", author: parameters.get("author") ?? "", kind };
}

/** The URL query for a filter; empty without one. It keeps the parameters of `others` that are not the filter's. */
export function formatFilter({ text, author, kind }: Filter, others = ""): string {
  const parameters = new URLSearchParams(others);
  for (const name of ["q", "author", "show"]) parameters.delete(name);
  if (text) parameters.set("q", text);
  if (author) parameters.set("author", author);
  if (kind !== "all") parameters.set("show", kind);
  const query = parameters.toString();
  return query && `?${query}`;
}

/**
 * The comments that match; the same array when all do. Without the hidden ones, unless the reader
 * filters by their author.
 *
 * @param matches whether a comment has the words of `filter.text`; `undefined` without any, and until the search is loaded
 */
export function filtered(
  comments: readonly Comment[],
  filter: Filter,
  isHidden: ((comment: Comment) => boolean) | null,
  matches: ((comment: Comment) => boolean) | undefined,
): readonly Comment[] {
  if (!isFiltering(filter) && !isHidden) return comments;
  return comments.filter((comment) => {
    const { username, type } = comment;
    if (username !== filter.author && isHidden?.(comment)) return false;
    if (filter.author && username !== filter.author) return false;
    if (filter.kind !== "all" && (type === "bot") !== (filter.kind === "bots")) return false;
    return matches?.(comment) ?? true;
  });
}
