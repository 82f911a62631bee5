import { fileURLToPath } from "node:url";
import { defineConfig, devices } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "./scripts/test/browser.mjs";

const PORT = process.env.E2E_PORT ?? "8799";
/** If set, the tests run against that wall; otherwise they start their own. */
const GIVEN_URL = process.env.E2E_BASE_URL;
const OWN_URL = `http://127.0.0.1:${PORT}`;

/** The tests' own tokens; for a wall at `E2E_BASE_URL` the environment sets them. */
process.env.BOT_TOKEN ??= "e2e-bot-token-0123456789abcdef";
process.env.ADMIN_TOKEN ??= "e2e-admin-token-0123456789abcdef";

export default defineConfig({
  testDir: "e2e",
  forbidOnly: Boolean(process.env.CI),
  // A test that passes only when repeated has found a fault.
  retries: 0,
  // Each test's wall and browser already use a core.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  use: {
    baseURL: GIVEN_URL ?? OWN_URL,
    // All tests share one address and exceed its limit of posts; the token lifts the limit.
    extraHTTPHeaders: { Authorization: `Bearer ${process.env.BOT_TOKEN}` },
    // Recording traces makes the tests a third slower: `npx playwright test -g "…" --trace on`.
    trace: "off",
    // Tests can't route requests that a service worker answers.
    serviceWorkers: "block",
  },
  projects: [
    {
      name: "chromium",
      use: {
        ...devices["Desktop Chrome"],
        launchOptions: {
          executablePath: findBrowser() ?? undefined,
          args: [
            ...BROWSER_ARGS,
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
          ],
        },
      },
    },
  ],
  webServer: GIVEN_URL
    ? undefined
    : {
        command: "node scripts/test/e2e-server.mjs",
        url: `${OWN_URL}/api/status`,
        env: {
          PORT,
          HOST: "127.0.0.1",
          STATE_DIR: fileURLToPath(new URL(`.state/e2e-${PORT}`, import.meta.url)),
          WALL: "main",
        },
        timeout: 240_000,
        reuseExistingServer: false,
        gracefulShutdown: { signal: "SIGTERM", timeout: 15_000 },
        stdout: "ignore",
        stderr: "pipe",
      },
});
