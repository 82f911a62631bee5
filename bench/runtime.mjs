// @ts-check
// All subjects in one workerd process, without the development tools' proxies in front.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { Miniflare } from "miniflare";
import { bundleModule } from "../scripts/command/bundle.mjs";
import { ROOT } from "../scripts/command/paths.mjs";
import { scratchDirectory } from "../scripts/command/scratch.mjs";
import { provideBareNext, providePageWithoutEntry, provideWallPage } from "./pages.mjs";
import { workerdOf } from "./process.mjs";

/** The same for every subject, as in worker/wrangler.toml. */
const COMPATIBILITY = {
  compatibilityDate: "2026-04-21",
  compatibilityFlags: ["nodejs_compat", "no_web_socket_compression"],
};
/** Never reached: each request comes from its own address. */
const LIMITS = {
  POST_LIMIT: { simple: { limit: 20, period: /** @type {const} */ (60) } },
  HISTORY_LIMIT: { simple: { limit: 120, period: /** @type {const} */ (60) } },
  POST_SITE_LIMIT: { simple: { limit: 100, period: /** @type {const} */ (60) } },
  HISTORY_SITE_LIMIT: { simple: { limit: 600, period: /** @type {const} */ (60) } },
  REPORT_LIMIT: { simple: { limit: 10, period: /** @type {const} */ (60) } },
  REPORT_SITE_LIMIT: { simple: { limit: 50, period: /** @type {const} */ (60) } },
};
/** For posts over the channel, which all come from the network that opened it. */
const NO_LIMITS = Object.fromEntries(
  Object.keys(LIMITS).map((name) => [
    name,
    { simple: { limit: 1_000_000, period: /** @type {const} */ (60) } },
  ]),
);
export const BOT_TOKEN = "bench-bot-token-0123456789abcdef";

/** @typedef {"kv" | "sqlite"} Ledger */
/** @typedef {"floor" | "bare-next" | "rewrite-cache" | "naive-timer" | "socket-room" | "wall" | "wall-next" | "wall-alone" | "wall-live" | "wall-counted" | "wall-deaf" | "wall-cost"} Name */
/** @typedef {Awaited<ReturnType<typeof startSubjects>>} Subjects */

/**
 * @param {readonly Name[]} names
 *   `wall`: the built page with the Worker; `wall-next`: the same, with routes called by Next.js;
 *   `wall-counted`: the wall with its operations counted; `wall-deaf`: the same with every notice lost;
 *   `wall-alone`: the Worker without the page; `wall-live`: the same, with the live channel and no limits of a sender; `wall-cost`: the same, counted, for many walls
 * @param {Ledger} ledger
 */
export async function startSubjects(names, ledger) {
  const directory = scratchDirectory("bench");
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    defaultPersistRoot: path.join(directory, "state"),
    // The wall logs one line per rebuild; the bench ignores it.
    handleRuntimeStdio(...streams) {
      for (const stream of streams)
        stream.on("data", (chunk) => process.env.LOG === "1" && process.stderr.write(chunk));
    },
    workers: /** @type {any} */ (
      (await Promise.all(names.map((name) => workersOf(name, directory, ledger)))).flat()
    ),
  });
  await miniflare.ready;
  /** @type {Map<string, URL>} */
  const urls = new Map();
  for (const name of names) {
    urls.set(name, await miniflare.unsafeGetDirectURL(pageOf(name)));
    if (isCounted(name)) urls.set(`${name}/worker`, await miniflare.unsafeGetDirectURL(name));
  }
  return {
    /** @param {string} name a subject; with `/worker`, the address of the counted Worker itself */
    url(name) {
      const url = urls.get(name);
      if (!url) throw new Error(`${name} was not started`);
      return url;
    },
    process: workerdOf(process.pid),
    stop: () => miniflare.dispose(),
  };
}

/** @param {Name} name */
function isCounted(name) {
  return name === "wall-counted" || name === "wall-deaf";
}

/** @param {Name} name */
function isLive(name) {
  return name === "wall-live" || name === "wall-cost";
}

/** @param {Name} name */
function isShipped(name) {
  return name === "wall" || name === "wall-next";
}

/** @param {Name} name */
function pageOf(name) {
  return isShipped(name) || isCounted(name) ? `${name}-page` : name;
}

/**
 * @param {Name} name
 * @param {string} directory
 * @param {Ledger} ledger
 */
async function workersOf(name, directory, ledger) {
  const common = {
    ...COMPATIBILITY,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  };
  if (name === "bare-next") {
    const modules = await modulesOf(await provideBareNext());
    return [{ ...common, name, ...modules, kvNamespaces: { KV: name }, ...noAssets() }];
  }
  const entry = sourceOf(name);
  const worker = {
    ...common,
    name,
    modules: [
      {
        type: "ESModule",
        path: "worker.mjs",
        contents: await bundled(entry, directory, isLive(name)),
      },
    ],
  };
  if (name === "socket-room")
    return [{ ...worker, durableObjects: { ROOM: { className: "Room", useSQLite: true } } }];
  // It rebuilds from the same keys as the wall.
  if (name === "naive-timer") return [{ ...worker, kvNamespaces: { KV: "wall-counted" } }];
  if (!name.startsWith("wall")) return [{ ...worker, kvNamespaces: { KV: name } }];
  const wall = {
    ...worker,
    kvNamespaces: { LEDGER_KV: name },
    durableObjects: { REBUILDER: { className: "CacheRebuilder", useSQLite: true } },
    ratelimits: isLive(name) ? NO_LIMITS : LIMITS,
    bindings: { LEDGER: ledger, BOT_TOKEN, DROP_NOTICES: name === "wall-deaf" ? "1" : "" },
  };
  if (name === "wall-alone" || isLive(name)) return [wall];
  const page = {
    ...common,
    name: pageOf(name),
    ...(await modulesOf(
      await (name === "wall-next" ? providePageWithoutEntry : provideWallPage)(directory),
    )),
    ...noAssets({ COMMENTS: { name, entrypoint: "Comments" } }),
  };
  return [page, wall];
}

/** @param {Name} name */
function sourceOf(name) {
  if (isShipped(name)) return "worker/index.ts";
  return `bench/subjects/${isCounted(name) ? "wall-counted" : name}.ts`;
}

/**
 * The routes need none of the page's files.
 * @param {object} [services]
 */
function noAssets(services) {
  return { serviceBindings: { ...services, ASSETS: notFound } };
}

function notFound() {
  return new Response(null, { status: 404 });
}

/**
 * A page's worker as next-on-pages writes it: its modules are loaded at the first request for a
 * route.
 * @param {string} directory
 */
async function modulesOf(directory) {
  const files = await readdir(directory, { recursive: true });
  const modules = files
    .filter((file) => file.endsWith(".js"))
    .map((file) => path.join(directory, file))
    // The entry comes first.
    .sort((a, b) => Number(b === entryOf(directory)) - Number(a === entryOf(directory)))
    .map((file) => ({ type: "ESModule", path: file }));
  return { modulesRoot: directory, modules };
}

/** @param {string} directory */
function entryOf(directory) {
  return path.join(directory, "index.js");
}

/**
 * @param {string} entry relative to the project
 * @param {string} directory
 * @param {boolean} liftsLimits
 */
async function bundled(entry, directory, liftsLimits) {
  const file = path.join(directory, "bundles", `${path.basename(entry)}.mjs`);
  await bundleModule({
    entryPoints: [path.join(ROOT, entry)],
    outfile: file,
    platform: "neutral",
    mainFields: ["module", "main"],
    minify: true,
    ...(liftsLimits && { plugins: [LIMITLESS] }),
  });
  return readFile(file, "utf8");
}

/** Lifts the room's own limit for the messages of one socket, which a bench's few senders exceed. */
const LIMITLESS = {
  name: "no limit of messages",
  /** @param {import("esbuild").PluginBuild} build */
  setup({ onLoad }) {
    onLoad({ filter: /worker[\\/]live[\\/]room\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      const contents = source.replace(/MESSAGES_PER_MINUTE = [\d_]+/, "MESSAGES_PER_MINUTE = 1e9");
      if (contents === source) throw new Error("the limit of messages has another name");
      return { contents, loader: /** @type {const} */ ("ts") };
    });
  },
};
