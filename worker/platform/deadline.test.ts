/** Every external call of the Worker has a deadline, and no timer outlives its call. */
import { expect, test, vi } from "vitest";
import { Asker, WRITER_TIMEOUT_MS } from "../contract/asker";
import type { WriterCalls } from "../contract/writer-calls";
import { clearWall } from "../entrypoint/clear";
import { clearKeys } from "../ledger/clear-keys";
import { KV_TIMEOUT_MS, type KvBinding, KvLedger } from "../ledger/kv";
import { systemClock } from "./clock";
import { inTime, LateError } from "./deadline";
import { Operations } from "./operations";

const ID = "1767225600000-0000000001";
const never = () => new Promise<never>(() => {});
const hanging = { put: never, get: never, list: never } as unknown as KvBinding;

test.each<[string, (ledger: KvLedger) => Promise<unknown>]>([
  ["a list", (ledger) => ledger.newest()],
  ["a bulk get", (ledger) => ledger.read([ID])],
  ["a put", (ledger) => ledger.write({ id: ID, removed: true, sequence: 1 })],
  ["the publication of the spare", (ledger) => ledger.publish("{}")],
  ["a read of the spare", (ledger) => ledger.readSpare()],
])("%s that KV never answers fails after its deadline", async (_name, call) => {
  vi.useFakeTimers();
  try {
    const ledger = new KvLedger(hanging, "main", new Operations());
    const late = expect(call(ledger)).rejects.toThrow(LateError);
    await vi.advanceTimersByTimeAsync(KV_TIMEOUT_MS);
    await late;
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("a call that the rebuilder never answers fails after its deadline", async () => {
  vi.useFakeTimers();
  try {
    const asker = new Asker(systemClock, () => ({ status: never }) as unknown as WriterCalls);
    const late = expect(asker.ask((rebuilder) => rebuilder.status())).rejects.toThrow(LateError);
    await vi.advanceTimersByTimeAsync(WRITER_TIMEOUT_MS);
    await late;
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ["answers", () => Promise.resolve("done")],
  ["fails", () => Promise.reject(new Error("refused"))],
])("no timer remains after the call %s", async (_name, work) => {
  vi.useFakeTimers();
  try {
    const result = inTime(systemClock, 1_000, "it", work());
    expect(await result.catch(({ message }) => message)).toMatch(/done|refused/);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("clearing a wall fails if the rebuilder or KV never answers", async () => {
  vi.useFakeTimers();
  try {
    const admin = "an-admin-token-of-32-characters-0";
    const parts = { wall: "b", tokens: { admin }, caller: { token: admin }, clearable: true };
    const cleared = clearWall({ ...parts, log: () => {}, clear: never });
    const keys = { keys: [{ name: "b:x" }], list_complete: true };
    const kv = { list: async () => keys, delete: never } as unknown as KVNamespace;
    const late = expect(clearKeys(kv, "b")).rejects.toThrow(LateError);
    await vi.runAllTimersAsync();
    await late;
    expect(await cleared).toMatchObject({ ok: false, problem: { status: 503 } });
  } finally {
    vi.useRealTimers();
  }
});
