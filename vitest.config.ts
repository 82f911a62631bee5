import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

/** Two projects: plain code in Node, everything that touches the platform in workerd. */
export default defineConfig({
  test: {
    silent: "passed-only",
    projects: [
      {
        test: {
          name: "node",
          environment: "node",
          testTimeout: 20_000,
          include: ["{bot,client,schema,scripts,sim}/**/*.test.ts"],
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./worker/wrangler.toml" },
            miniflare: {
              bindings: {
                BOT_TOKEN: "test-bot-token-0123456789abcdef",
                ADMIN_TOKEN: "test-admin-token-0123456789abcdef",
              },
            },
          }),
        ],
        test: { name: "workerd", include: ["test/**/*.test.ts"], testTimeout: 20_000 },
      },
    ],
  },
});
