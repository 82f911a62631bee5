// @ts-check
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startCron } from "./cron.mjs";
import { openLog } from "./log-file.mjs";
import { keepRegistry } from "./registry.mjs";
import { Service } from "./service.mjs";
import { launchPage, launchWorker, storeRequestCf } from "./wrangler.mjs";

/** @typedef {import("./settings.mjs").Settings} Settings */

/**
 * Page, Worker and cron on the embedded runtime. They are told to start; who needs them waits until they answer.
 * @param {Settings} settings
 * @param {{ builtPage: string | null, onGiveUp: (error: Error) => void }} options null: the page is served elsewhere
 */
export function startStack(settings, { builtPage, onGiveUp }) {
  storeRequestCf();
  const endRegistry = keepRegistry(settings.stateDir);
  const logs = path.join(settings.stateDir, "logs");
  // Written for tools and tests: which process is what, while the stack runs.
  const record = path.join(settings.stateDir, "stack.json");

  /** @type {Record<string, Service>} */
  const services = {};
  const onChange = () => writeFileSync(record, `${JSON.stringify(services, null, 2)}\n`);
  /**
   * @param {string} name
   * @param {(log: (chunk: Buffer) => void) => import("node:child_process").ChildProcess} launch
   */
  const run = (name, launch) => {
    const file = path.join(logs, `${name}.log`);
    const log = openLog(file, { echo: settings.echoLogs });
    const title = `The ${name} process (its log is ${file})`;
    services[name] = new Service(title, () => launch(log), { onChange, onGiveUp });
  };
  run("worker", (log) => launchWorker(settings, log));
  if (builtPage !== null) run("page", (log) => launchPage(settings, builtPage, log));
  const stopCron = settings.cron ? startCron(() => services.worker?.address ?? null) : () => {};

  return {
    page: () => services.page?.address ?? null,
    logs,
    async stop() {
      stopCron();
      endRegistry();
      await Promise.all(Object.values(services).map((service) => service.stop()));
      rmSync(record, { force: true });
    },
  };
}
