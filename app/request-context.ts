/**
 * Takes the place of the adapter's module with this function, in the build of what stands before the
 * adapter (scripts/page/entry.mjs).
 */

/** Of the newest request: bindings belong to the isolate, not to one of its requests. */
let context: { env: object } | undefined;

export function provideRequestContext(env: object): void {
  context = { env };
}

export function getRequestContext(): { env: object } {
  if (!context) throw new Error("no request has come yet");
  return context;
}
