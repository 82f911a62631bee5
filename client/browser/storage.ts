/**
 * The browser's storages, if it permits them: with cookies blocked, even the property access
 * throws.
 */

export function localStore(): Storage | undefined {
  return permitted(() => window.localStorage);
}

export function sessionStore(): Storage | undefined {
  return permitted(() => window.sessionStorage);
}

function permitted(look: () => Storage): Storage | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
