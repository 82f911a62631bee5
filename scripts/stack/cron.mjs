// @ts-check
import http from "node:http";

const MINUTE_MS = 60_000;

/**
 * Fires the Worker's cron at each full minute, as Cloudflare does; the local runtime never does so itself.
 * @param {() => { host: string, port: number } | null} worker
 * @returns {() => void} ends it
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
        // A minute without its cron is what the watchdog's next minute is for.
        .on("error", () => {});
    }
    wait();
  };
  wait();
  return () => clearTimeout(timer);
}
