/** The items in consecutive parts of at most `size`. */
export function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** The items in consecutive parts of at most `maxBytes` each; a larger item gets a part of its own. */
export function* chunksOfBytes<T>(
  items: Iterable<T>,
  bytesOf: (item: T) => number,
  maxBytes: number,
): Generator<T[]> {
  let part: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (part.length > 0 && bytes + size > maxBytes) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
