/**
 * Replaces the adapter's module of the same function in the bundle that stands before the adapter
 * (scripts/page/entry.mjs).
 */

/** From the newest request: bindings belong to the isolate, not to one of its requests. */
let context: { env: object } | undefined;

export function provideRequestContext(env: object): void {
  context = { env };
}

export function getRequestContext(): { env: object } {
  if (!context) throw new Error("no request has come yet");
  return context;
}
