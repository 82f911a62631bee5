import type { Read } from "#schema/read";

/**
 * The page of history before a place. A wall on `kv` may have to look for it in several requests, whose pages are
 * empty; after `requestsMax` of them the last one is returned.
 */
export async function pageBefore(
  place: string,
  readHistory: (before: string) => Promise<Read>,
  requestsMax: number,
): Promise<Read> {
  let page = await readHistory(place);
  for (let request = 1; request < requestsMax; request += 1) {
    if (page.comments.length > 0 || !page.nextBefore) break;
    page = await readHistory(page.nextBefore);
  }
  return page;
}
