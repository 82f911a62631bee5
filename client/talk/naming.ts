/** Bots and people named in a message with `@`. */

/** A character that a name may be part of a word with. */
const IN_WORD = /[\p{L}\p{N}_]/u;

/** The bot that a text names first, with `@`; of two names that fit, the longer one. */
export function namedBot(text: string, bots: readonly string[]): string | undefined {
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (!isMention(text, at)) continue;
    const rest = text.slice(at + 1).toLowerCase();
    const fits = (name: string) =>
      rest.startsWith(name.toLowerCase()) && !IN_WORD.test(rest.charAt(name.length));
    const [longest] = bots.filter(fits).sort((a, b) => b.length - a.length);
    if (longest !== undefined) return longest;
  }
  return undefined;
}

/** Not the `@` of an address such as `me@example.com`. */
export function isMention(text: string, at: number): boolean {
  return !IN_WORD.test(text.charAt(at - 1));
}

export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The bot of this name as it spells itself: bots take only messages with their exact name. */
export function spelledAs(name: string, bots: readonly string[]): string | undefined {
  return bots.find((bot) => bot === name) ?? bots.find((bot) => isSameName(bot, name));
}
