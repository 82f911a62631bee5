import { useSyncExternalStore } from "react";
import { type Identity, IdentityStore, NOBODY } from "./identity";
import { localStore } from "./storage";

let store: IdentityStore | undefined;

/** The reader's name and colour. The server renders nobody's. */
export function useIdentity(): Identity & Pick<IdentityStore, "setName" | "setColor"> {
  const identity = useSyncExternalStore(subscribe, snapshot, () => NOBODY);
  return { ...identity, setName, setColor };
}

function snapshot(): Identity {
  return identityStore().snapshot();
}

function setName(name: string): void {
  identityStore().setName(name);
}

function setColor(color: string): void {
  identityStore().setColor(color);
}

function subscribe(listener: () => void): () => void {
  const unsubscribe = identityStore().subscribe(listener);
  // Fired in the other tabs only.
  window.addEventListener("storage", identityStore().reload);
  return () => {
    unsubscribe();
    window.removeEventListener("storage", identityStore().reload);
  };
}

function identityStore(): IdentityStore {
  store ??= new IdentityStore({ storage: localStore(), random: Math.random });
  return store;
}
