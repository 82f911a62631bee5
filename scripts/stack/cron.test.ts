import http from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { startCron } from "./cron.mjs";
import { serve } from "./front/testing";

const MINUTE_MS = 60_000;

afterEach(() => vi.useRealTimers());

test("the cron fires at every full minute until it is ended, also after a minute without a Worker", async () => {
  const asked: (string | undefined)[] = [];
  const worker = await serve(
    http.createServer(({ url }, response) => {
      asked.push(url);
      response.end();
    }),
  );
  vi.useFakeTimers({ now: 90_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
  let isThere = false;
  const end = startCron(() => (isThere ? worker : null));
  const heard = (count: number) =>
    vi.waitFor(() => expect(asked).toHaveLength(count), { interval: 1 });
  vi.advanceTimersByTime(MINUTE_MS / 2);
  isThere = true;
  vi.advanceTimersByTime(MINUTE_MS);
  await heard(1);
  vi.advanceTimersByTime(MINUTE_MS);
  await heard(2);
  expect(new Set(asked)).toEqual(new Set(["/cdn-cgi/handler/scheduled?cron=*+*+*+*+*"]));
  end();
  expect(vi.getTimerCount()).toBe(0);
});
