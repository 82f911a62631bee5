/** Muted authors. The wall has no accounts: an author is a name and a colour. */
import { ANONYMOUS } from "#schema/limits";

export interface Author {
  username: string;
  color: string;
}

export interface Mute {
  username: string;
  /** `null` in mutes stored by earlier releases, which muted a name in every colour. */
  color: string | null;
}

/**
 * The stored mutes; whatever isn't one is dropped. So is an earlier release's mute of everybody
 * without a name.
 */
export function readMutes(stored: unknown): readonly Mute[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((entry): Mute[] => {
    if (typeof entry === "string")
      return entry === ANONYMOUS ? [] : [{ username: entry, color: null }];
    const { username, color } = (entry ?? {}) as Partial<Mute>;
    const isMute = typeof username === "string" && (typeof color === "string" || color === null);
    return isMute ? [{ username, color }] : [];
  });
}

export function isMuted(mutes: readonly Mute[], { username, color }: Author): boolean {
  return mutes.some((mute) => mute.username === username && (mute.color ?? color) === color);
}

export function withMute(mutes: readonly Mute[], { username, color }: Author): readonly Mute[] {
  return isMuted(mutes, { username, color }) ? mutes : [...mutes, { username, color }];
}

/** Without the mutes that hide this author. */
export function withoutMute(mutes: readonly Mute[], author: Author): readonly Mute[] {
  return mutes.filter((mute) => !isMuted([mute], author));
}
