import http from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { spawnNode } from "../command/process-group.mjs";
import { Service } from "./service.mjs";

const PATIENCE = { intervalMs: 50, deadlineMs: 400, misses: 3, restartPauseMs: 50 };
const WAIT = { timeout: 15_000, interval: 20 };

/** A process like wrangler's: it reports its address, and counts its requests. */
const SERVING = `
  let requests = 0;
  const server = require("node:http").createServer((request, response) => {
    requests += request.url === "/probe" ? 1 : 0;
    setTimeout(() => response.end(String(requests)), request.url === "/probe" ? DELAY_MS : 0);
  });
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    process.send(JSON.stringify({ event: "DEV_SERVER_READY", ip: "127.0.0.1", port }));
  });`;
const serving = (delayMs = 0) => SERVING.replaceAll("DELAY_MS", String(delayMs));

const services: Service[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(services.splice(0).map((service) => service.stop()));
});

function run(code: string, onGiveUp: (error: Error) => void = () => {}, patience = PATIENCE) {
  const launch = () => spawnNode(["-e", code], { env: process.env });
  const options = { onChange: () => {}, onGiveUp, probe: "/probe", patience };
  const service = new Service("The test's process", launch, options);
  services.push(service);
  return service;
}

async function ask(service: Service): Promise<string> {
  const { address } = service;
  if (!address) throw new Error("It is not serving now.");
  return new Promise((resolve, reject) => {
    http
      .get({ ...address, path: "/", agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(text));
      })
      .on("error", reject);
  });
}

test("a process that stops answering is replaced, and stderr says so", async () => {
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const service = run(serving());
  await vi.waitFor(() => ask(service), WAIT);
  const stopped = service.pid ?? 0;
  process.kill(-stopped, "SIGSTOP");
  await vi.waitFor(async () => {
    expect(service.pid).not.toBe(stopped);
    await ask(service);
  }, WAIT);
  expect(() => process.kill(stopped, 0)).toThrow("ESRCH");
  expect(stderr.mock.calls.map(([words]) => words)).toEqual([
    "The test's process does not answer; restarting it.\n",
  ]);
});

test("a process that answers later than the next probe is due is left alone", async () => {
  // On a busy machine 400 ms may not be enough for any answer.
  const service = run(serving(200), undefined, { ...PATIENCE, deadlineMs: WAIT.timeout });
  await vi.waitFor(() => ask(service), WAIT);
  const { pid } = service;
  await vi.waitFor(
    async () => expect(Number(await ask(service))).toBeGreaterThan(PATIENCE.misses + 1),
    WAIT,
  );
  expect(service.pid).toBe(pid);
});

test("a process that misses every other probe is left alone", async () => {
  const failing = "response.statusCode = requests % 2 ? 500 : 200; setTimeout(";
  const service = run(serving().replace("setTimeout(", failing), undefined, {
    ...PATIENCE,
    deadlineMs: WAIT.timeout,
  });
  await vi.waitFor(() => ask(service), WAIT);
  const { pid } = service;
  await vi.waitFor(
    async () => expect(Number(await ask(service))).toBeGreaterThan(2 * PATIENCE.misses + 1),
    WAIT,
  );
  expect(service.pid).toBe(pid);
});

test("a process that has died six times within a minute stays down for a pause", async () => {
  const service = run(serving(), undefined, { ...PATIENCE, restartPauseMs: 60_000 });
  for (let death = 0; death < 6; death += 1) {
    await vi.waitFor(() => ask(service), WAIT);
    process.kill(-(service.pid ?? Number.NaN), "SIGKILL");
    await vi.waitFor(() => expect(service.address).toBeNull(), WAIT);
  }
  // A restart without a pause happens before anything else can look.
  await vi.waitFor(() => expect(service.pid).toBeNull(), WAIT);
});

test("a process that has served is restarted however often it dies", async () => {
  const onGiveUp = vi.fn();
  const service = run(serving(), onGiveUp);
  for (let death = 0; death < 8; death += 1) {
    await vi.waitFor(() => ask(service), WAIT);
    process.kill(-(service.pid ?? 0), "SIGKILL");
    await vi.waitFor(() => expect(service.address).toBeNull(), WAIT);
  }
  await vi.waitFor(() => ask(service), WAIT);
  expect(onGiveUp).not.toHaveBeenCalled();
});

test("a process that never serves is given up after repeated deaths", async () => {
  const onGiveUp = vi.fn();
  run("process.exit(1)", onGiveUp);
  await vi.waitFor(() => expect(onGiveUp).toHaveBeenCalledOnce(), WAIT);
  expect(String(onGiveUp.mock.calls[0]?.[0])).toContain(
    "The test's process died 6 times within a minute.",
  );
});
