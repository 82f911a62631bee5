import { type ComponentType, lazy } from "react";

/**
 * A lazily loaded component that the first view does not need. If loading fails, for example
 * offline, it renders nothing until a reload, and the rest of the page works.
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
