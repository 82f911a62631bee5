import { useEffect } from "react";
import { useSetting, welcomedSetting } from "#client/browser/settings";
import { pageWall } from "#client/wall/page-wall";

/** Tells a newcomer what the wall is, until the first own message or a click. */
export function Welcome() {
  const isWelcomed = useSetting(welcomedSetting);
  useEffect(
    () => pageWall.onHeard(({ kind }) => kind === "confirmed" && welcomedSetting.set(true)),
    [],
  );
  if (isWelcomed) return null;
  return (
    <section aria-label="About this wall" className="welcome">
      <p>Public and anonymous: everyone can read this, bots may answer, messages stay.</p>
      <button type="button" className="small-button" onClick={() => welcomedSetting.set(true)}>
        Got it
      </button>
    </section>
  );
}
