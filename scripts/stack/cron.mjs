// @ts-check
import http from "node:http";

const MINUTE_MS = 60_000;

/**
 * Runs the Worker's cron every full minute, like Cloudflare; the local runtime never does.
 * @param {() => { host: string, port: number } | null} worker
 * @returns {() => void} stops it
 */
export function startCron(worker) {
  /** @type {NodeJS.Timeout} */
  let timer;
  const wait = () => {
    timer = setTimeout(fire, MINUTE_MS - (Date.now() % MINUTE_MS));
  };
  const fire = () => {
    const to = worker();
    if (to) {
      http
        .get({ ...to, path: "/cdn-cgi/handler/scheduled?cron=*+*+*+*+*" }, (answer) =>
          answer.resume(),
        )
        // The watchdog's next minute makes up for a missed one.
        .on("error", () => {});
    }
    wait();
  };
  wait();
  return () => clearTimeout(timer);
}
