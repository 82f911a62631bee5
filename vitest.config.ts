import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import "./scripts/test/utf8-redirects.mjs";

/** Plain code runs in Node, code that uses the platform in workerd. */
export default defineConfig({
  test: {
    silent: "passed-only",
    // On two cores the third works while others wait for an alarm.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "node",
          environment: "node",
          testTimeout: 20_000,
          include: ["{app,bench,bot,client,schema,scripts,sim,worker}/**/*.test.ts"],
          exclude: ["worker/test/**", "**/node_modules/**"],
        },
      },
      workerd("workerd", "kv", ["worker/test/**/*.test.ts"], ["worker/test/sqlite/**"]),
      // Tests that depend on the ledger run again with the other one.
      workerd("sqlite", "sqlite", [
        "worker/test/*/{blocks,branches,claims,clock,health,idle,import,own,patch,pause,pending,presence,removal,reports,refused,restore,scrub,senders,undo,wall}.test.ts",
        "worker/test/{backup,live,sqlite}/**/*.test.ts",
      ]),
    ],
  },
});

function workerd(
  name: string,
  ledger: string,
  include: string[],
  exclude: string[] = [],
): TestProjectInlineConfiguration {
  return {
    plugins: [
      cloudflareTest({
        wrangler: { configPath: "./worker/wrangler.toml" },
        miniflare: {
          // As with BACKUP_BUCKET in deploy.env.
          r2Buckets: ["BACKUPS"],
          bindings: {
            BOT_TOKEN: "test-bot-token-0123456789abcdef",
            ADMIN_TOKEN: "test-admin-token-0123456789abcdef alice:alices-token-0123456789abcdef",
            LEDGER: ledger,
            // Tests may empty their walls, as if they were previews.
            CLEARABLE: "yes",
          },
        },
      }),
    ],
    test: { name, include, exclude, testTimeout: 20_000 },
  };
}
