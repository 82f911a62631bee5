/** Puts a message's permalink into the address bar; `null` takes it away. */
export function setLink(id: string | null): void {
  const { pathname, search } = location;
  history.replaceState(history.state, "", pathname + search + (id ? `#${id}` : ""));
}
