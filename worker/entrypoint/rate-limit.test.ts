import { expect, test } from "vitest";
import { rateLimits } from "./rate-limit";

const all = (binding: RateLimit) => ({
  post: binding,
  postOfSite: binding,
  history: binding,
  historyOfSite: binding,
  report: binding,
  reportOfSite: binding,
});

test("each wall and network has its own count", async () => {
  const keys: string[] = [];
  const binding = {
    limit: async ({ key }: { key: string }) => {
      keys.push(key);
      return { success: key !== "main/192.0.2.1" };
    },
  };
  const limits = rateLimits(all(binding), "main", () => {});
  expect(await limits.post("192.0.2.1")).toBe(false);
  expect(await limits.history("192.0.2.2")).toBe(true);
  expect(await limits.report("192.0.2.3")).toBe(true);
  expect(keys).toEqual(["main/192.0.2.1", "main/192.0.2.2", "main/192.0.2.3"]);
});

test("requests pass while the counter fails, and the failure is logged", async () => {
  const events: string[] = [];
  const binding = {
    limit: async () => {
      throw new Error("no counter");
    },
  };
  const limits = rateLimits(all(binding), "main", (event) => events.push(event));
  expect(await limits.post("192.0.2.1")).toBe(true);
  expect(await limits.history("192.0.2.1")).toBe(true);
  expect(events).toEqual(["rate limit failed", "rate limit failed"]);
});
