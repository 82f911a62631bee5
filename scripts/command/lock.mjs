// @ts-check
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import net from "node:net";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { scratchDirectory } from "./scratch.mjs";

// The owner listens on a Unix socket in the locked directory. The kernel closes the socket when the
// owner dies for any reason; connecting shows that, even from another container that shares the
// directory. A process id in a file can't do this: ids are reused, and mean nothing in another pid
// namespace.
//
// Two processes at once: each first announces itself with a uniquely named socket, then looks for
// others. At least one of them sees the other and withdraws. Names are never reused, so a dead
// socket is safe to remove.

/** Linux allows 107 bytes for a socket's path, macOS 103; longer paths are cut without an error. */
const SOCKET_PATH_MAX_BYTES = 100;
/** An owner that doesn't identify itself by then is stopped or busy, but alive. */
const ANSWER_DEADLINE_MS = 2_000;
/** Processes that withdrew for each other retry, each after a different delay. */
const RETRY_MAX_MS = 200;
const CONTEST_MS = 10_000;
/**
 * Some file systems don't support sockets, such as a Windows or macOS folder shared with a
 * container.
 */
const NO_SOCKETS = new Set(["ENOTSUP", "EOPNOTSUPP", "EPERM", "ENOSYS"]);

/** @typedef {{ isHeld: boolean, owner: string }} Claim */

/**
 * Takes the directory's lock of that name; it lasts until it is released or this process ends.
 * @param {string} directory must exist
 * @param {string} name
 * @returns {Promise<{ release: () => void } | { heldBy: string }>} `heldBy` names the process that has it
 * @throws {Error} if the directory can't be written
 */
export async function acquireLock(directory, name) {
  try {
    return await acquireIn(shortPath(directory), name);
  } catch (error) {
    if (!NO_SOCKETS.has(codeOf(error))) throw error;
    return acquireIn(substitute(directory), name);
  }
}

/**
 * @param {string} directory
 * @param {string} name
 * @returns {Promise<{ release: () => void } | { heldBy: string }>}
 */
async function acquireIn(directory, name) {
  for (const began = performance.now(); ; await delay(Math.random() * RETRY_MAX_MS)) {
    const own = await announce(directory, name);
    if (!own) continue;
    const other = await findOther(directory, name, own.file);
    if (!other) {
      own.claim.isHeld = true;
      return { release: own.withdraw };
    }
    own.withdraw();
    if (other.isHeld || performance.now() - began > CONTEST_MS) return { heldBy: other.owner };
  }
}

/**
 * @param {string} directory
 * @param {string} name
 * @returns {Promise<{ file: string, claim: Claim, withdraw: () => void } | null>} null: retry
 */
async function announce(directory, name) {
  const file = `${name}.${randomBytes(4).toString("hex")}.sock`;
  const place = path.join(directory, file);
  /** @type {Claim} */
  const claim = { isHeld: false, owner: `process ${process.pid} on ${hostname()}` };
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.end(JSON.stringify(claim));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(`${place}.new`, () => resolve(null));
  });
  server.unref();
  const withdraw = () => {
    server.close();
    rmSync(place, { force: true });
  };
  try {
    // A socket with the final name always listens: one that doesn't is dead.
    renameSync(`${place}.new`, place);
    return { file, claim, withdraw };
  } catch (error) {
    withdraw();
    // Another process checked it between creation and the first listen, and considered it dead.
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/**
 * @param {string} directory
 * @param {string} name
 * @param {string} own
 * @returns {Promise<Claim | null>} the owner of the lock, else another process that wants it
 */
async function findOther(directory, name, own) {
  /** @type {Claim | null} */
  let found = null;
  for (const file of readdirSync(directory)) {
    if (file === own || !file.startsWith(`${name}.`) || !/\.sock(\.new)?$/.test(file)) continue;
    const other = await ask(path.join(directory, file));
    if (!other) rmSync(path.join(directory, file), { force: true });
    else if (other.isHeld) return other;
    else if (!file.endsWith(".new")) found = other;
  }
  return found;
}

/**
 * @param {string} file
 * @returns {Promise<Claim | null>} null: no process listens there any more
 */
function ask(file) {
  return new Promise((resolve) => {
    let text = "";
    const silent = { isHeld: true, owner: "another process" };
    const socket = net.connect(file);
    socket.setTimeout(ANSWER_DEADLINE_MS, () => socket.destroy());
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", (error) => {
      resolve(["ECONNREFUSED", "ENOENT"].includes(codeOf(error)) ? null : silent);
    });
    socket.on("close", () => {
      try {
        resolve(JSON.parse(text));
      } catch {
        resolve(silent);
      }
    });
  });
}

/** @type {Map<string, string>} */
const links = new Map();

/**
 * The same directory under a path that is short enough.
 * @param {string} directory
 */
function shortPath(directory) {
  const longest = path.join(directory, "build.01234567.sock.new");
  if (Buffer.byteLength(longest) <= SOCKET_PATH_MAX_BYTES) return directory;
  const known = links.get(directory);
  if (known) return known;
  const link = path.join(scratchDirectory("lock"), "d");
  symlinkSync(directory, link);
  links.set(directory, link);
  return link;
}

/**
 * A stand-in directory that at least every process of this user on this system finds.
 * @param {string} directory
 */
function substitute(directory) {
  const id = createHash("sha256").update(realpathSync(directory)).digest("hex").slice(0, 16);
  const place = path.join(tmpdir(), `saywhatwant-lock-${process.getuid?.()}-${id}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return shortPath(place);
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code ?? "";
}
