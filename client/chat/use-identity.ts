import { useSyncExternalStore } from "react";
import { localStore } from "../browser/storage";
import { type Identity, IdentityStore, NOBODY } from "./identity";

const store = new IdentityStore({ storage: localStore(), random: Math.random });
const { setName, setColor } = store;

/** The reader's name and colour; both empty on the server. */
export function useIdentity(): Identity & Pick<IdentityStore, "setName" | "setColor"> {
  const identity = useSyncExternalStore(subscribe, store.snapshot, () => NOBODY);
  return { ...identity, setName, setColor };
}

function subscribe(listener: () => void): () => void {
  const unsubscribe = store.subscribe(listener);
  // Fired in the other tabs only.
  window.addEventListener("storage", store.reload);
  return () => {
    unsubscribe();
    window.removeEventListener("storage", store.reload);
  };
}
