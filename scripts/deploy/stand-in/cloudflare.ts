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

const HERE = fileURLToPath(new URL(".", import.meta.url));
const MANIFEST = "_next/static/build/_buildManifest.js";
export const TOKENS = { BOT_TOKEN: "b".repeat(32), ADMIN_TOKEN: "a".repeat(32) };

interface Upload {
  id: string;
  resources: {
    bindings: { name: string; text?: string }[];
    script_runtime?: { migration_tag: string };
  };
}

interface State {
  calls: string[];
  /** Overrides the answer to commands that begin like this. */
  failing: Record<string, string>;
  loggedIn: boolean;
  uploadFails: boolean;
  migration: string;
  namespaces: { id: string; title: string }[];
  workers: Record<
    string,
    {
      secrets: string[];
      versions: Upload[];
      deployments: { versions: { version_id: string; percentage: number }[] }[];
    }
  >;
  projects: Record<string, string>[];
  pages: { Id: string; Branch: string; version: string }[];
  /** The page that production serves. */
  served: string;
}

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
  const empty: State = {
    calls: [],
    failing: {},
    loggedIn: true,
    uploadFails: false,
    migration: "v1",
    namespaces: [],
    workers: {},
    projects: [],
    pages: [],
    served: "",
  };
  writeFileSync(file, JSON.stringify({ ...empty, ...state }));
  vi.stubEnv("STAND_IN_CLOUDFLARE", file);
  vi.stubEnv("PATH", `${HERE}${path.delimiter}${process.env.PATH}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });

  const read = (): State => JSON.parse(readFileSync(file, "utf8"));
  const update = (change: Partial<State>) =>
    writeFileSync(file, JSON.stringify({ ...read(), ...change }));

  /** The version that a Worker serves. */
  const serving = (name: string) => {
    const worker = read().workers[name];
    const id = worker?.deployments.at(-1)?.versions[0]?.version_id;
    const upload = worker?.versions.find((version) => version.id === id);
    return upload?.resources.bindings.find((binding) => binding.name === "VERSION")?.text;
  };
  const asked: string[] = [];
  let served: string | null = null;
  /** The deployed wall, and Cloudflare's API. */
  const ask = async (url: string, { method = "GET" }: RequestInit = {}) => {
    asked.push(`${method} ${url}`);
    const { host, pathname } = new URL(url);
    if (host === "api.cloudflare.com") return api(method, pathname);
    const wall = host === "saywhatwant.pages.dev" ? "main" : (host.split(".")[0] ?? "");
    if (pathname === `/${MANIFEST}`) return new Response("this build");
    if (pathname === "/api/admin/wall") return Response.json({ more: false });
    const worker = wall === "main" ? "saywhatwant-worker" : "saywhatwant-worker-preview";
    return Response.json({ ok: true, wall, version: served ?? serving(worker) });
  };
  const api = (method: string, pathname: string) => {
    update({ calls: [...read().calls, `api ${method} ${pathname.replace(/.*\/projects/, "")}`] });
    if (method === "POST") update({ served: pathname.split("/").at(-2) ?? "" });
    const result = read().pages.map(({ Id, version }) => ({
      id: Id,
      deployment_trigger: { metadata: { commit_message: version } },
      latest_stage: { status: "success" },
    }));
    return Response.json({ success: true, result });
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
      served = version;
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
      }: {
        branch?: string;
        env?: Record<string, string>;
        settings?: DeploySettings;
        chooseLedger?: () => Promise<"kv" | "sqlite">;
      } = {},
    ) =>
      deploy({
        target: targetOf(branch),
        version,
        env: env as NodeJS.ProcessEnv,
        settings,
        chooseLedger,
        buildPage: async () => page,
        ...live,
      }),
    rollBack: (to?: string) => rollBack({ target: targetOf(), to, ...live }),
  };
}
