// @ts-check
import { renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startCron } from "./cron.mjs";
import { openLog } from "./log-file.mjs";
import { keepRegistry } from "./registry.mjs";
import { Service } from "./service.mjs";
import { launchPage, launchWorker, storeRequestCf, writeWorkerEnv } from "./wrangler.mjs";

const RECORD_RETRY_MS = 1_000;

/**
 * Requests that a healthy process answers at once, without the wall's storage or the other process:
 * the Worker refuses everything over HTTP, the page serves a file.
 */
const PROBES = { worker: "/", page: "/favicon.svg" };

/** @typedef {import("./settings.mjs").Settings} Settings */

/**
 * Starts page, Worker and cron on the embedded runtime; callers wait until they answer. From here
 * on a full or failing disk stops nothing.
 * @param {Settings} settings
 * @param {{ builtPage: string | null, onGiveUp: (error: Error) => void }} options null: the page is served
 *   elsewhere, and the Worker is under development, possibly stopped in a debugger
 */
export function startStack(settings, { builtPage, onGiveUp }) {
  storeRequestCf();
  // Only the owner may read databases and logs, even if the state directory is copied elsewhere.
  process.umask(0o077);
  const envFile = writeWorkerEnv(settings);
  const endRegistry = keepRegistry(settings.stateDir);
  const logs = path.join(settings.stateDir, "logs");

  /** @type {Record<string, Service>} */
  const services = {};
  const record = keepRecord(path.join(settings.stateDir, "stack.json"), services);
  /**
   * @param {"worker" | "page"} name
   * @param {(log: (chunk: Buffer) => void) => import("node:child_process").ChildProcess} launch
   */
  const run = (name, launch) => {
    const file = path.join(logs, `${name}.log`);
    const log = openLog(file, { echo: settings.echoLogs });
    const title = `The ${name} process (its log is ${file})`;
    services[name] = new Service(title, () => launch(log), {
      onChange: record.write,
      onGiveUp,
      probe: builtPage === null ? null : PROBES[name],
    });
  };
  run("worker", (log) => launchWorker(settings, envFile, log));
  if (builtPage !== null) run("page", (log) => launchPage(settings, builtPage, log));
  const stopCron = settings.cron ? startCron(() => services.worker?.address ?? null) : () => {};

  return {
    page: () => services.page?.address ?? null,
    logs,
    async stop() {
      stopCron();
      endRegistry();
      await Promise.all(Object.values(services).map((service) => service.stop()));
      record.end();
    },
  };
}

/**
 * A file for tools and tests with the current processes of the stack. It is replaced atomically; a
 * failed write is retried.
 * @param {string} file
 * @param {Record<string, Service>} services
 */
function keepRecord(file, services) {
  const next = `${file}.new`;
  /** @type {NodeJS.Timeout | undefined} */
  let retry;
  let ended = false;
  const write = () => {
    clearTimeout(retry);
    if (ended) return;
    try {
      writeFileSync(next, `${JSON.stringify(services, null, 2)}\n`);
      renameSync(next, file);
    } catch {
      retry = setTimeout(write, RECORD_RETRY_MS);
    }
  };
  return {
    write,
    end() {
      ended = true;
      clearTimeout(retry);
      for (const each of [file, next]) rmSync(each, { force: true });
    },
  };
}
