/** The reader's name and colour, stored only in this browser. */

import { cleanName, countCharacters } from "#schema/check/text";
import { COLOR_PATTERN } from "#schema/color";
import { USERNAME_MAX_CHARACTERS } from "#schema/limits";
import { Listeners } from "../browser/listeners";

/** One hue every thirty degrees, all of one lightness; a new reader gets a random one. */
export const PALETTE = [
  "#ff8a8a",
  "#ff9d5c",
  "#f2b33d",
  "#c9c63b",
  "#8fd14f",
  "#4fd68a",
  "#3fd0c0",
  "#55c2f5",
  "#85a8ff",
  "#ab96ff",
  "#d98af2",
  "#ff85c0",
] as const;

const NAME_KEY = "saywhatwant:name";
const COLOR_KEY = "saywhatwant:color";

export interface Identity {
  /** As typed; `senderName` gives the name to send. */
  name: string;
  /** `#rrggbb`; empty on the server, which doesn't know it. */
  color: string;
}

export interface IdentityOptions {
  /** `undefined` if the browser blocks storage; the choice then lasts until the page is closed. */
  storage: Pick<Storage, "getItem" | "setItem"> | undefined;
  random: () => number;
}

export const NOBODY: Identity = { name: "", color: "" };

export class IdentityStore {
  readonly #storage: IdentityOptions["storage"];
  readonly #listeners = new Listeners();
  #identity: Identity;

  constructor({ storage, random }: IdentityOptions) {
    this.#storage = storage;
    const color = PALETTE[Math.floor(random() * PALETTE.length)] ?? PALETTE[0];
    this.#identity = { name: "", color };
    this.reload();
    this.#store(COLOR_KEY, this.#identity.color);
  }

  readonly snapshot = (): Identity => this.#identity;

  readonly subscribe = this.#listeners.subscribe;

  readonly setName = (name: string): void => {
    const kept = withinLimit(name);
    this.#store(NAME_KEY, kept);
    this.#show({ ...this.#identity, name: kept });
  };

  readonly setColor = (color: string): void => {
    this.#store(COLOR_KEY, color);
    this.#show({ ...this.#identity, color });
  };

  /** Loads a choice made in another tab. */
  readonly reload = (): void => {
    const name = withinLimit(this.#storage?.getItem(NAME_KEY) ?? this.#identity.name);
    const color = this.#storage?.getItem(COLOR_KEY) ?? "";
    this.#show({ name, color: COLOR_PATTERN.test(color) ? color : this.#identity.color });
  };

  #store(key: string, value: string): void {
    try {
      this.#storage?.setItem(key, value);
    } catch {
      // Storage is full or blocked: the choice lasts until the page is closed.
    }
  }

  #show(identity: Identity): void {
    this.#identity = identity;
    this.#listeners.notify();
  }
}

/** The name as the wall will store it, or `undefined` for none. */
export function senderName(name: string): string | undefined {
  return cleanName(withinLimit(name)) || undefined;
}

/** Longer input is no name; only its beginning is looked at. */
const TYPED_NAME_MAX_UNITS = 256;

/**
 * The longest beginning of a typed name that the wall takes: the limit counts characters after
 * cleaning, and a sequence that is drawn as one sign, such as an emoji, is kept whole or left out.
 */
function withinLimit(name: string): string {
  let kept = "";
  const signs = new Intl.Segmenter().segment(name.slice(0, TYPED_NAME_MAX_UNITS));
  for (const { segment } of signs) {
    if (countCharacters(cleanName(kept + segment)) > USERNAME_MAX_CHARACTERS) break;
    kept += segment;
  }
  return kept;
}
