/** Users don't notice a deploy, a crash or a restart. */
import { expect, LONG, test } from "../fixtures";
import { NETWORK_ERROR } from "../page";
import { type Stack, until } from "../stack";

/** The design's limit for a pause between rebuilds across a reload. */
const REBUILD_GAP_MAX_MS = 6_000;

interface PostedComment {
  id: string;
  text: string;
  botParams: { processed: boolean };
}

const headersOf = (stack: Stack) => ({
  "Content-Type": "application/json",
  Authorization: `Bearer ${stack.botToken}`,
});

async function send(stack: Stack, text: string, nonce: string): Promise<PostedComment> {
  const response = await fetch(`${stack.url}/api/comments`, {
    method: "POST",
    headers: headersOf(stack),
    body: JSON.stringify({ text, nonce }),
  });
  if (!response.ok) throw new Error(`POST answered ${response.status}`);
  return response.json();
}

async function comments(stack: Stack): Promise<PostedComment[]> {
  const response = await fetch(`${stack.url}/api/comments`);
  if (!response.ok) throw new Error(`GET answered ${response.status}`);
  return ((await response.json()) as { comments: PostedComment[] }).comments;
}

test(
  "acknowledged posts and marks survive a crash of the whole server",
  LONG,
  async ({ startStack }) => {
    const first = await startStack({ env: { CRON: "off" } });
    const posted: PostedComment[] = [];
    for (let index = 0; index < 20; index += 1)
      posted.push(await send(first, `message ${index}`, `crash-nonce-${index}`));
    const marked = posted.slice(0, 10);
    const requests: (string | null)[] = [];
    for (const { id } of marked) {
      const mark = () =>
        fetch(`${first.url}/api/comments/${id}`, {
          method: "PATCH",
          headers: headersOf(first),
          body: JSON.stringify({ botParams: { processed: true } }),
        });
      // A wall that stalls asks for it once more.
      const response = await until("the answer", 15_000, async () => {
        const answer = await mark();
        return answer.status === 200 && answer;
      });
      requests.push(response.headers.get("x-request-id"));
    }
    // The request id passes from the page's route through the entrypoint to the rebuilder.
    await until("each mark's line in the rebuilder's log", 15_000, () => {
      const calls = first.logs().filter(({ event, call }) => event === "call" && call === "patch");
      return requests.every((id) => calls.some(({ request }) => request === id));
    });
    await first.kill();
    const second = await startStack({ stateDir: first.stateDir });
    const shown = await until("all 20 comments", 15_000, async () => {
      const now = await comments(second);
      return now.length === 20 && now;
    });
    expect(shown.map(({ id }) => id).sort()).toEqual(posted.map(({ id }) => id).sort());
    const processed = shown.filter(({ botParams }) => botParams.processed).map(({ id }) => id);
    expect(processed.sort()).toEqual(marked.map(({ id }) => id).sort());
  },
);

test(
  "reloading the Worker under load: rebuilds pause for at most 6 s, and nothing is lost",
  LONG,
  async ({ startStack }) => {
    const stack = await startStack({ env: { CRON: "off" } });
    const acknowledged = new Set<string>();
    let sending = true;
    const load = (async () => {
      for (let index = 0; sending; index += 1) {
        // A client retries with the same nonce until it gets an answer.
        await until(`message ${index}`, 20_000, () =>
          send(stack, `load ${index}`, `load-nonce-${index}`).catch(() => null),
        );
        acknowledged.add(`load ${index}`);
      }
    })();
    const rebuilds = () => stack.logs().filter(({ event }) => event === "cache rebuilt");
    let longestReloadMs = 0;
    for (let reload = 0; reload < 2; reload += 1) {
      const before = rebuilds().length;
      await until("two rebuilds before", 20_000, () => rebuilds().length >= before + 2);
      const began = Date.now();
      await stack.reloadWorker();
      longestReloadMs = Math.max(longestReloadMs, Date.now() - began);
      const after = rebuilds().length;
      await until("two rebuilds after", 20_000, () => rebuilds().length >= after + 2);
    }
    sending = false;
    await load;
    const times = rebuilds().map(({ at }) => Number(at));
    expect(times.length).toBeGreaterThanOrEqual(8);
    const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
    // Building the Worker again and starting it take longer on a busy machine.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(REBUILD_GAP_MAX_MS + longestReloadMs);
    await until("every acknowledged message, once", 15_000, async () => {
      const texts = (await comments(stack)).map(({ text }) => text);
      const expected = [...acknowledged].slice(-500);
      return new Set(texts).size === texts.length && expected.every((text) => texts.includes(text));
    });
  },
);

test.describe("during a restart", () => {
  // The browser reports polls and connects that fail during the restart.
  test.use({ expectedConsole: [NETWORK_ERROR] });

  test(
    "an open page recovers from a restart by itself",
    LONG,
    async ({ startStack, openVisitor }) => {
      const stack = await startStack();
      await send(stack, "before the restart", "restart-nonce-1");
      const page = await openVisitor({ baseURL: stack.url });
      await page.goto("/");
      await expect(page.getByText("before the restart")).toBeVisible();
      await stack.restartWorker();
      await until("a post", 20_000, () =>
        send(stack, "after the restart", "restart-nonce-2").catch(() => null),
      );
      await expect(page.getByText("after the restart")).toBeVisible({ timeout: 20_000 });
      await expect(page.getByText("before the restart")).toBeVisible();
    },
  );
});
