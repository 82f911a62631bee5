/** Who the reader is on this wall: a name and a colour, kept in this browser and nowhere else. */
import { COLOR_PATTERN } from "#schema/color";
import { USERNAME_MAX_CHARACTERS } from "#schema/limits";
import { cleanName } from "#schema/text";
import { Listeners } from "../browser/listeners";

/** One hue each thirty degrees, of one lightness: a newcomer gets one of them at random. */
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
  /** As typed; `senderName` is what is sent. */
  name: string;
  /** `#rrggbb`; empty on the server, which cannot know it. */
  color: string;
}

export interface IdentityOptions {
  /** Absent where the browser refuses storage: then the choice lasts as long as the page. */
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
    const kept = [...name].slice(0, USERNAME_MAX_CHARACTERS).join("");
    this.#store(NAME_KEY, kept);
    this.#show({ ...this.#identity, name: kept });
  };

  readonly setColor = (color: string): void => {
    this.#store(COLOR_KEY, color);
    this.#show({ ...this.#identity, color });
  };

  /** Takes what another tab of this browser chose. */
  readonly reload = (): void => {
    const name = this.#storage?.getItem(NAME_KEY) ?? this.#identity.name;
    const color = this.#storage?.getItem(COLOR_KEY) ?? "";
    this.#show({ name, color: COLOR_PATTERN.test(color) ? color : this.#identity.color });
  };

  #store(key: string, value: string): void {
    try {
      this.#storage?.setItem(key, value);
    } catch {
      // Full or forbidden: the choice lasts as long as the page, and nothing else depends on it.
    }
  }

  #show(identity: Identity): void {
    this.#identity = identity;
    this.#listeners.notify();
  }
}

/** The name as the wall will have it, or `undefined` for none. */
export function senderName(name: string): string | undefined {
  const clean = [...cleanName(name)].slice(0, USERNAME_MAX_CHARACTERS).join("").trim();
  return clean || undefined;
}
