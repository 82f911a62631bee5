/** The reader's settings, except name and colour. */
import { useSyncExternalStore } from "react";
import { isId } from "#schema/id";
import { Setting } from "./setting";

export const soundSetting = new Setting("sound", false, (stored) => stored === true);
/** Authors whose messages are hidden. */
export const mutedSetting = new Setting<readonly string[]>("muted", [], (stored) =>
  Array.isArray(stored) ? stored.filter((name) => typeof name === "string") : [],
);
/** The newest comment read in any tab. */
export const readSetting = new Setting<string | null>("read", null, (stored) =>
  typeof stored === "string" && isId(stored) ? stored : null,
);

export function useSetting<T>(setting: Setting<T>): T {
  return useSyncExternalStore(setting.subscribe, setting.snapshot, setting.serverSnapshot);
}
