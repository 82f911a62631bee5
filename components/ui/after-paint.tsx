import { type ComponentType, useEffect, useState } from "react";
import { backoffMs } from "#client/api/backoff";

/** For a component without properties. */
export const NONE = {};

interface AfterPaintProps<Props> {
  /** The same function in each render. */
  load: () => Promise<ComponentType<Props>>;
  /** The component's. */
  props: Props;
}

/**
 * A component that the page needs, but not for its first paint: it is loaded after that. Loading is
 * retried until it succeeds.
 */
export function AfterPaint<Props extends object>({ load, props }: AfterPaintProps<Props>) {
  const [Loaded, setLoaded] = useState<ComponentType<Props> | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const attempt = (failures: number) =>
      load().then(
        (component) => isGone || setLoaded(() => component),
        () => {
          if (isGone) return;
          const again = failures + 1;
          timer = setTimeout(attempt, backoffMs(again, Math.random()), again);
        },
      );
    void attempt(0);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [load]);
  return Loaded && <Loaded {...props} />;
}
