/**
 * Takes the place of the adapter's module with this function, in the build of what stands before the
 * adapter (scripts/page/entry.mjs).
 */

/** The same for every request that an isolate gets. */
let context: { env: object } | undefined;

export function provideRequestContext(env: object): void {
  context ??= { env };
}

export function getRequestContext(): { env: object } {
  if (!context) throw new Error("no request has come yet");
  return context;
}
