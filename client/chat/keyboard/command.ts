/** The commands that single keys give, whatever the keyboard's layout. */

export type Command =
  | "search"
  | "help"
  | "write"
  | "reply"
  | "next"
  | "previous"
  | "first"
  | "newest"
  | "down"
  | "up"
  | "in"
  | "out"
  | "open"
  | "leave";

const BY_KEY: Readonly<Record<string, Command>> = {
  "/": "search",
  "?": "help",
  c: "write",
  r: "reply",
  j: "next",
  k: "previous",
  Home: "first",
  End: "newest",
  ArrowDown: "down",
  ArrowUp: "up",
  ArrowRight: "in",
  ArrowLeft: "out",
  Enter: "open",
  Escape: "leave",
};

/** The same keys by their place on the keyboard, for layouts that type other letters there. */
const BY_PLACE: Readonly<Record<string, string>> = { KeyC: "c", KeyR: "r", KeyJ: "j", KeyK: "k" };

type Press = Pick<KeyboardEvent, "key" | "code" | "shiftKey">;

/**
 * The command of a key, or `undefined`. A key that types a character of a Latin layout counts as
 * that character; any other one counts by its place.
 */
export function commandOf(press: Press): Command | undefined {
  return BY_KEY[isLatin(press) ? unshifted(press.key) : placeOf(press)];
}

/** Caps Lock makes capitals of the letters. */
function unshifted(key: string): string {
  return key.length === 1 ? key.toLowerCase() : key;
}

function placeOf({ code, shiftKey }: Press): string {
  if (code === "Slash") return shiftKey ? "?" : "/";
  return BY_PLACE[code] ?? "";
}

/**
 * On Cyrillic and Hebrew layouts the key of the slash types a full stop or a comma, which no Latin
 * layout has there.
 */
function isLatin({ key, code }: Press): boolean {
  if (code === "Slash" && (key === "." || key === ",")) return false;
  return /^([\x20-\x7e]|[A-Z][A-Za-z0-9]+)$/.test(key);
}
