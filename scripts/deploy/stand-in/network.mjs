// @ts-check
// Stands in for the network of a deploy: the deployed wall at its addresses, and Cloudflare's API.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** @typedef {{ id: string, resources: { bindings: { name: string, text?: string, bucket_name?: string }[], script_runtime?: { migration_tag: string } } }} Upload */

/**
 * @typedef {object} State
 * @property {string[]} calls of wrangler and of the API
 * @property {Record<string, string>} failing overrides the answer to commands that begin like this
 * @property {Record<string, string>} answerLost commands that begin like this do their work, and fail
 * @property {string[]} hanging commands that begin like this never end
 * @property {Record<string, number>} broken the status of the wall's answers, by method and path
 * @property {(number | string)[]} late the next answers of the wall: a status without JSON, or a network error
 * @property {(number | string)[]} apiLate the same for Cloudflare's API
 * @property {boolean} loggedIn
 * @property {boolean} uploadFails
 * @property {string} migration
 * @property {{ id: string, title: string }[]} namespaces
 * @property {Record<string, { secrets: string[], versions: Upload[], deployments: { versions: { version_id: string, percentage: number }[] }[] }>} workers
 * @property {Record<string, string>[]} projects
 * @property {{ Id: string, Branch: string, version: string, directory?: string }[]} pages newest first
 * @property {string} served the page that production serves
 * @property {string} [answersAs] a version that the wall reports instead of its own
 */

/** @type {State} */
export const EMPTY = {
  calls: [],
  failing: {},
  answerLost: {},
  hanging: [],
  broken: {},
  late: [],
  apiLate: [],
  loggedIn: true,
  uploadFails: false,
  migration: "v1",
  namespaces: [],
  workers: {},
  projects: [],
  pages: [],
  served: "",
};

const API = "api.cloudflare.com";

/** @param {string} host */
export function isStoodIn(host) {
  return host === API || host.endsWith(".pages.dev");
}

/**
 * @param {State} state
 * @param {string} name a Worker's
 */
export function servedUpload({ workers }, name) {
  const worker = workers[name];
  const id = worker?.deployments.at(-1)?.versions[0]?.version_id;
  return worker?.versions.find((version) => version.id === id);
}

/**
 * @param {Upload | undefined} upload
 * @param {string} name
 */
export function varOf(upload, name) {
  return upload?.resources.bindings.find((binding) => binding.name === name)?.text;
}

/**
 * A `fetch` for these addresses; a posted message is held in memory.
 * @param {string} file with the state
 */
export function standInFetch(file) {
  const read = () => /** @type {State} */ (JSON.parse(readFileSync(file, "utf8")));
  /** @param {Partial<State>} change */
  const update = (change) => writeFileSync(file, JSON.stringify({ ...read(), ...change }));
  /** @type {{ id: string }[]} */
  let shown = [];

  /**
   * @param {string} method
   * @param {string} pathname
   */
  const api = (method, pathname) => {
    const { calls, apiLate, pages } = read();
    update({ calls: [...calls, `api ${method} ${pathname.replace(/.*\/projects/, "")}`] });
    const [late, ...apiLater] = apiLate;
    if (late !== undefined) {
      update({ apiLate: apiLater });
      return failure(late);
    }
    if (method === "POST") update({ served: pathname.split("/").at(-2) ?? "" });
    const result = pages.map(({ Id, version }) => ({
      id: Id,
      deployment_trigger: { metadata: { commit_message: version } },
      latest_stage: { status: "success" },
    }));
    return Response.json({ success: true, result });
  };

  /**
   * @param {string} method
   * @param {URL} url
   */
  const wall = (method, { host, pathname }) => {
    const state = read();
    const [late, ...later] = state.late;
    if (late !== undefined) {
      update({ late: later });
      return failure(late);
    }
    const broken = state.broken[`${method} ${pathname}`];
    if (broken !== undefined) return failure(broken);
    const [project] = state.projects;
    const domains = project?.["Project Domains"]?.split(", ");
    const name = domains?.includes(host) ? "main" : (host.split(".")[0] ?? "");
    const page = state.pages.find(({ Id, Branch }) =>
      name === "main" ? Id === state.served : Branch === name,
    );
    if (!page) return failure(`getaddrinfo ENOTFOUND ${host}`);
    const worker = `saywhatwant-worker${name === "main" ? "" : "-preview"}`;
    const upload = servedUpload(state, worker);
    const now = Date.now();
    const message = /^\/api\/comments\/(.+)$/.exec(pathname)?.[1];
    if (message && method === "DELETE") {
      shown = shown.filter(({ id }) => id !== message);
      return new Response(null, { status: 204 });
    }
    if (message)
      return Response.json({}, { status: shown.some(({ id }) => id === message) ? 200 : 404 });
    if (pathname === "/api/comments" && method === "POST") {
      shown = [{ id: `${now}-0000000001` }];
      return Response.json(shown[0], { status: 201 });
    }
    if (pathname === "/api/comments")
      return Response.json({ comments: shown, cursor: "standin.1" });
    if (pathname === "/api/health") return Response.json({ ok: true });
    if (pathname === "/api/admin/wall") return Response.json({ more: false });
    if (pathname === "/api/status")
      return Response.json({
        ok: true,
        wall: name,
        version: state.answersAs ?? varOf(upload, "VERSION"),
        ledger: varOf(upload, "LEDGER") ?? "sqlite",
        ageMs: 1_000,
        spare: { publishedAt: now, failingSince: null },
        ...(name === "main" && { cron: { at: now, since: now } }),
      });
    if (pathname === "/")
      return new Response('<script src="/_next/static/page.js"></script>', {
        headers: { "Content-Security-Policy": "default-src" },
      });
    const asset = path.join(page.directory ?? "", pathname);
    return existsSync(asset)
      ? new Response(readFileSync(asset))
      : new Response("not found", { status: 404 });
  };

  /**
   * @param {string | URL} address
   * @param {RequestInit} [init]
   * @returns {Promise<Response>}
   */
  return async (address, { method = "GET" } = {}) => {
    const url = new URL(address);
    return url.host === API ? api(method, url.pathname) : wall(method, url);
  };
}

/** @param {number | string} kind a status, or a network error as Node's fetch throws it */
function failure(kind) {
  if (typeof kind === "string") throw new TypeError("fetch failed", { cause: new Error(kind) });
  return new Response("<h1>error</h1>", { status: kind });
}
