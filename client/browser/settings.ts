/** The reader's settings, except name and colour. */
import { useSyncExternalStore } from "react";
import { type Mute, readMutes } from "../chat/mutes";
import { Setting } from "./setting";

export const soundSetting = new Setting("sound", false);
/** Authors whose messages are hidden. */
export const mutedSetting = new Setting<readonly Mute[]>("muted", [], readMutes);
/** The newest comment read in any tab. */
export const readSetting = new Setting<string | null>("read", null);

export function useSetting<T>(setting: Setting<T>): T {
  return useSyncExternalStore(setting.subscribe, setting.snapshot, setting.serverSnapshot);
}
