/** Which messages are shown: by words, by author, people or bots. It lives in the URL, to be shared. */
import type { Comment } from "#schema/comment";

export const KINDS = ["all", "people", "bots"] as const;

export interface Filter {
  text: string;
  /** Empty for everybody. */
  author: string;
  kind: (typeof KINDS)[number];
}

export const NO_FILTER: Filter = { text: "", author: "", kind: "all" };

export function isFiltering({ text, author, kind }: Filter): boolean {
  return text.trim() !== "" || author !== "" || kind !== "all";
}

/** The filter in the query of a URL; anything else in it counts for nothing. */
export function parseFilter(search: string): Filter {
  const parameters = new URLSearchParams(search);
  const kind = KINDS.find((known) => known === parameters.get("show")) ?? "all";
  return { text: parameters.get("q") ?? "", author: parameters.get("author") ?? "", kind };
}

/** The query of a URL that shows the same: empty for no filter. */
export function formatFilter({ text, author, kind }: Filter): string {
  const parameters = new URLSearchParams();
  if (text) parameters.set("q", text);
  if (author) parameters.set("author", author);
  if (kind !== "all") parameters.set("show", kind);
  const query = parameters.toString();
  return query && `?${query}`;
}

/** The comments that are to be shown; the same array when all are. */
export function filtered(
  comments: readonly Comment[],
  filter: Filter,
  muted: readonly string[],
): readonly Comment[] {
  if (!isFiltering(filter) && muted.length === 0) return comments;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const silenced = new Set(muted);
  return comments.filter((comment) => {
    const { text, username, type } = comment;
    if (silenced.has(username) && username !== filter.author) return false;
    if (filter.author && username !== filter.author) return false;
    if (filter.kind !== "all" && (type === "bot") !== (filter.kind === "bots")) return false;
    if (words.length === 0) return true;
    const searched = `${username}\n${text}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
}
