/** The reader's choices beside name and colour. */
import { useSyncExternalStore } from "react";
import { Setting } from "./setting";

export const soundSetting = new Setting("sound", false);
/** Names whose messages are not shown. */
export const mutedSetting = new Setting<readonly string[]>("muted", []);
/** The newest comment that was read, in whichever tab. */
export const readSetting = new Setting<string | null>("read", null);

export function useSetting<T>(setting: Setting<T>): T {
  return useSyncExternalStore(setting.subscribe, setting.snapshot, setting.serverSnapshot);
}
