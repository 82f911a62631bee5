/**
 * A fake Cloudflare for tests of the deploy: the state of the stand-in wrangler, and the answers at
 * its addresses.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished, vi } from "vitest";
import { deploy } from "../deployment.mjs";
import { rollBack } from "../roll-back.mjs";
import type { DeploySettings } from "../settings.mjs";
import { targetOf } from "../target.mjs";
import { EMPTY, type State, servedUpload, standInFetch, varOf } from "./network.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const MANIFEST = "_next/static/build/_buildManifest.js";
export const TOKENS = { BOT_TOKEN: "b".repeat(32), ADMIN_TOKEN: "a".repeat(32) };

/** The state after production was deployed as each of these versions. */
export function deployed(...versions: string[]): Partial<State> {
  const uploads = versions.map((version, index) => ({
    id: `upload-${index + 1}`,
    resources: {
      bindings: [{ name: "REBUILDER" }, { name: "VERSION", text: version }],
      script_runtime: { migration_tag: "v1" },
    },
  }));
  const pages = versions.map((version, index) => {
    return { Id: `page-${index + 1}`, Environment: "Production", Branch: "main", version };
  });
  const project = { "Project Name": "saywhatwant", "Project Domains": "saywhatwant.pages.dev" };
  return {
    namespaces: [{ id: "namespace", title: "saywhatwant-worker-ledger-kv" }],
    workers: {
      "saywhatwant-worker": {
        secrets: Object.keys(TOKENS),
        versions: uploads,
        deployments: uploads.map(({ id }) => ({ versions: [{ version_id: id, percentage: 100 }] })),
      },
    },
    projects: [{ ...project, "Git Provider": "No" }],
    pages: pages.reverse(),
    served: `page-${versions.length}`,
  };
}

export function newCloudflare(state: Partial<State> = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-stand-in-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = path.join(directory, "cloudflare.json");
  const page = path.join(directory, "page");
  mkdirSync(path.join(page, path.dirname(MANIFEST)), { recursive: true });
  writeFileSync(path.join(page, MANIFEST), "this build");
  writeFileSync(file, JSON.stringify({ ...EMPTY, ...state }));
  vi.stubEnv("STAND_IN_CLOUDFLARE", file);
  vi.stubEnv("PATH", `${HERE}${path.delimiter}${process.env.PATH}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });

  const read = (): State => JSON.parse(readFileSync(file, "utf8"));
  const update = (change: Partial<State>) =>
    writeFileSync(file, JSON.stringify({ ...read(), ...change }));

  /** The version that a Worker serves. */
  const serving = (name: string) => varOf(servedUpload(read(), name), "VERSION");
  const asked: string[] = [];
  const reach = standInFetch(file);
  /** The deployed wall, and Cloudflare's API. */
  const ask = (url: string, init: RequestInit = {}) => {
    asked.push(`${init.method ?? "GET"} ${url}`);
    return reach(url, init);
  };
  const live = { ask, pollMs: 1, patienceMs: 20 };

  return {
    ask,
    asked,
    read,
    update,
    serving,
    /** Always answers with this version. */
    serveAs(version: string) {
      update({ answersAs: version });
    },
    /** The calls since the last reading. */
    calls() {
      const { calls } = read();
      update({ calls: [] });
      return calls;
    },
    deploy: (
      version: string,
      {
        branch,
        env = {},
        settings = {},
        chooseLedger = async () => "sqlite",
        patienceMs = live.patienceMs,
        whileBuilding,
        html = "",
      }: {
        branch?: string;
        env?: Record<string, string>;
        settings?: DeploySettings;
        chooseLedger?: () => Promise<"kv" | "sqlite">;
        patienceMs?: number;
        whileBuilding?: () => Promise<unknown>;
        html?: string;
      } = {},
    ) =>
      deploy({
        target: targetOf(branch),
        version,
        env: env as NodeJS.ProcessEnv,
        settings,
        chooseLedger,
        buildPage: async () => {
          await whileBuilding?.();
          writeFileSync(path.join(page, "index.html"), html);
          return page;
        },
        ...live,
        patienceMs,
      }),
    rollBack: (to?: string) => rollBack({ target: targetOf(), to, ...live }),
  };
}
