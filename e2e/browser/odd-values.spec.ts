/** The page with values in its browser that it did not write, or that another release wrote. */
import { expect, LONG, test } from "../fixtures";
import { box, message, nextPoll, open } from "../page";
import { scriptedWall } from "../scripted-wall";

/** The keys of the browser's storages that the page reads. */
const KEYS = ["muted", "sound", "read", "name", "color", "outbox", "draft", "welcomed"];
const ODD = ["null", "7", "{", "[null,{},7]", '{"text":7}', '"text"', "true", '[{"nonce":"x"}]'];

for (const odd of ODD) {
  test(`stored as ${odd}, no key blanks the page`, LONG, async ({ page }) => {
    await scriptedWall(page, 3);
    await page.addInitScript(
      ([keys, value]) => {
        for (const key of keys) {
          localStorage.setItem(`saywhatwant:${key}`, value);
          sessionStorage.setItem(`saywhatwant:${key}`, value);
        }
      },
      [KEYS, odd] as const,
    );
    await open(page);
    await expect(message(page, "message 3")).toBeVisible();
    await expect(box(page)).toBeVisible();
  });
}

test("a damaged stored wall is read again from the wall", LONG, async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  await open(page);
  await page.evaluate(storeDamaged, wall.commentAt(0));
  await page.reload();
  await expect(message(page, "message 3")).toBeVisible();
  await expect(message(page, "message 1")).toHaveCount(1);
});

test("malformed messages of another tab are ignored", LONG, async ({ page }) => {
  const wall = await scriptedWall(page, 3);
  await open(page);
  await page.evaluate(() => {
    const tab = new BroadcastChannel("saywhatwant:heard");
    const comment = { id: "x", timestamp: 1e300, text: {} };
    const read = { comments: [comment, null], removed: 7, cursor: {} };
    for (const data of [
      null,
      7,
      {},
      { kind: "answer" },
      { kind: "answer", asked: {}, answer: { read } },
      { kind: "confirmed", comment },
      { kind: "a later release's" },
    ])
      tab.postMessage(data);
  });
  wall.add("still here");
  await nextPoll(page);
  await expect(message(page, "still here")).toBeVisible();
});

/** Runs in the page. Replaces all stored walls with one whose comments are not what they should be. */
function storeDamaged(comment: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("keyval-store");
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => void opening.result.createObjectStore("keyval");
    opening.onsuccess = () => {
      const store = opening.result.transaction("keyval", "readwrite").objectStore("keyval");
      const comments = [{ ...comment, timestamp: 1e300 }, { ...comment, text: {} }, null];
      const writing = store.put({ cursor: "aaaaaaaa.3", comments, holes: 7 }, "wall:main");
      writing.onsuccess = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}
