import { useEffect, useRef } from "react";
import { soundSetting, useSetting } from "../browser/settings";

/** Plays a sound for new unread messages if the reader switched it on. */
export function useChime(unread: number): void {
  const isOn = useSetting(soundSetting);
  const before = useRef(unread);
  useEffect(() => {
    if (isOn && unread > before.current) void import("./chime").then(({ chime }) => chime());
    before.current = unread;
  }, [isOn, unread]);
}
