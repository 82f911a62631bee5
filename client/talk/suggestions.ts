/** The list that `@` opens in the composer: bots that are here, then people who wrote lately. */
import { USERNAME_MAX_CHARACTERS } from "#schema/limits";
import { isMention } from "./naming";

export interface Suggestion {
  name: string;
  isBot: boolean;
  /** A person's colour. */
  color?: string;
}

/** The name being typed: from its `@` to the caret. */
export interface Typed {
  start: number;
  query: string;
}

/** Names are found by their first letters, or by those of a later word. */
export const SUGGESTIONS_MAX = 8;

/** A name may hold signs of several units each. */
const QUERY_MAX_UNITS = 4 * USERNAME_MAX_CHARACTERS;

export function typedName(text: string, caret: number): Typed | null {
  const start = text.lastIndexOf("@", caret - 1);
  if (start < 0 || caret - start > QUERY_MAX_UNITS || !isMention(text, start)) return null;
  const query = text.slice(start + 1, caret);
  return /^\s|\n/.test(query) ? null : { start, query };
}

/** `people` are the newest first. */
export function suggestionsFor(
  query: string,
  bots: readonly string[],
  people: readonly Omit<Suggestion, "isBot">[],
): Suggestion[] {
  const wanted = query.toLowerCase();
  const fits = ({ name }: { name: string }) => {
    const known = name.toLowerCase();
    return known.startsWith(wanted) || known.includes(` ${wanted}`);
  };
  const found = [
    ...bots.map((name) => ({ name, isBot: true })),
    ...people.map((person) => ({ ...person, isBot: false })),
  ].filter(fits);
  // Nothing is left to choose, and Enter sends.
  if (found.every(({ name }) => name.toLowerCase() === wanted)) return [];
  return found.slice(0, SUGGESTIONS_MAX);
}

/** The text with a name in place of its typed beginning, and where the caret goes. */
export function withName(text: string, { start, query }: Typed, name: string) {
  const rest = text.slice(start + 1 + query.length).replace(/^ /, "");
  const before = `${text.slice(0, start)}@${name} `;
  return { text: before + rest, caret: before.length };
}
