import { type ComponentType, lazy } from "react";

/**
 * A component that the first look does not need. One that can't be loaded, as offline, is not there
 * until a reload: the page goes on without it.
 */
export function later<Props>(load: () => Promise<ComponentType<Props>>) {
  return lazy(() =>
    load()
      .catch(() => Absent as ComponentType<Props>)
      .then(asDefault),
  );
}

function Absent() {
  return null;
}

function asDefault<Props>(component: ComponentType<Props>) {
  return { default: component };
}
