// @ts-check
import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ROOT } from "./command/paths.mjs";
import { exited, spawnNode } from "./command/process-group.mjs";
import { progress } from "./command/progress.mjs";
import { outcome } from "./command/quiet-run.mjs";
import { Random } from "./command/random.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { scratchDirectory } from "./command/scratch.mjs";
import { readOptions, sayTable } from "./trial/trial.mjs";
import { ADMIN_TOKEN, startWall, untilAnswered } from "./trial/wall.mjs";

const TIMES = 20;
const COMMENTS = 6_000;
const BATCH = 100;
const FLAGGED_EVERY = 50;
const REMOVED_EVERY = 500;
/** During a move that takes some seconds. */
const LIFE_MIN_MS = 100;
const LIFE_MAX_MS = 2_500;
const DAY_MS = 24 * 60 * 60 * 1_000;

const USAGE = `npm run migrate:kills [-- --times N --seed S --comments C]

Moves a wall from KV to SQLite and kills the command or the whole server with -9 at random moments. The move
must continue from where it stopped; in the end each comment exists once, with its flag, and no removed
comment returns. Uses the real runtime, and only 127.0.0.1.

  --times N     number of kills (${TIMES})
  --seed S      random seed for the moments and targets (1)
  --comments C  comments on the wall (${COMMENTS})`;

runCommand(async () => {
  const defaults = { times: TIMES, seed: 1, comments: COMMENTS };
  const { times, seed, comments: count } = readOptions(USAGE, defaults);
  const random = new Random(seed);
  const directory = scratchDirectory("migrate");
  const before = path.join(directory, "kv");
  const wanted = await fill(before, count);
  const killed = { server: 0, command: 0 };
  const bar = progress(times);
  let moves = 0;
  while (killed.server + killed.command < times) {
    const stateDir = path.join(directory, `move-${moves}`);
    cpSync(before, stateDir, { recursive: true });
    await moveThroughKills(
      stateDir,
      wanted,
      () => {
        const target = random.chance(0.5) ? "server" : "command";
        killed[target] += 1;
        bar(killed.server + killed.command, `${moves} moves done`);
        return { target, afterMs: random.integer(LIFE_MIN_MS, LIFE_MAX_MS) };
      },
      () => killed.server + killed.command >= times,
    );
    moves += 1;
    rmSync(stateDir, { recursive: true });
  }
  bar.end();
  sayTable({
    moves,
    "comments each": count,
    "kills of the server": killed.server,
    "of the command": killed.command,
    missing: 0,
    duplicated: 0,
    "flags lost": 0,
  });
});

/**
 * A wall in KV with marked and removed comments. Returns its export.
 * @param {string} stateDir
 * @param {number} count
 */
async function fill(stateDir, count) {
  const server = await startWall(stateDir);
  const start = Date.now() - DAY_MS;
  const ids = [];
  for (let first = 0; first < count; first += BATCH) {
    const comments = Array.from({ length: Math.min(BATCH, count - first) }, (_, n) => {
      const index = first + n;
      const timestamp = start + index * 1_000;
      return {
        id: `${timestamp}-${index.toString(36).padStart(10, "0")}`,
        timestamp,
        text: `message ${index}`,
        username: "anonymous",
        color: "#aabbcc",
        type: "human",
        botParams: { processed: false },
      };
    });
    ids.push(...comments.map(({ id }) => id));
    await untilAnswered(`${server.url}/api/admin/import`, "POST", { comments }, ADMIN_TOKEN);
  }
  for (let n = 0; n < count; n += FLAGGED_EVERY)
    await untilAnswered(`${server.url}/api/comments/${ids[n]}`, "PATCH", {
      botParams: { processed: true },
    });
  for (let n = 7; n < count; n += REMOVED_EVERY) {
    const reason = { reason: "trial" };
    await untilAnswered(`${server.url}/api/comments/${ids[n]}`, "DELETE", reason, ADMIN_TOKEN);
  }
  const wanted = await exported(server.url);
  await server.stop();
  return wanted;
}

/**
 * @param {string} stateDir
 * @param {string} wanted
 * @param {() => { target: "server" | "command", afterMs: number }} nextKill
 * @param {() => boolean} isEnough
 */
async function moveThroughKills(stateDir, wanted, nextKill, isEnough) {
  let server = await startWall(stateDir);
  try {
    for (let done = false; !done; ) {
      const command = spawnCommandOn(server.url, "migrate.mjs", "--to", "sqlite");
      command.stdout?.resume();
      command.stderr?.resume();
      const ended = exited(command);
      if (isEnough()) {
        const code = await ended;
        if (code !== 0) throw new Refusal(`The move ended with ${code}.`);
        break;
      }
      const kill = nextKill();
      const first = await Promise.race([ended, delay(kill.afterMs, "late")]);
      done = first === 0;
      if (first !== "late") continue;
      if (kill.target === "server") await server.kill();
      command.kill("SIGKILL");
      await ended;
      if (kill.target === "server") server = await startWall(stateDir);
    }
    await expectSame(server.url, wanted);
    // And once more after a start with its current ledger.
    await server.kill();
    server = await startWall(stateDir, { ledger: "sqlite" });
    await expectSame(server.url, wanted);
    const { ledger } = await untilAnswered(`${server.url}/api/status`);
    if (ledger !== "sqlite") throw new Refusal(`The wall's ledger is ${ledger}.`);
  } finally {
    await server.kill();
  }
}

/**
 * @param {string} url
 * @param {string} wanted
 */
async function expectSame(url, wanted) {
  const got = await exported(url);
  if (got === wanted) return;
  const lines = new Set(wanted.split("\n"));
  const other = got.split("\n").find((line) => !lines.has(line));
  throw new Refusal(`DIFFERENT after the move: ${other ?? "a line is missing or duplicated"}`);
}

/**
 * The wall's lines, without the first, which has the time of the export.
 * @param {string} url
 */
async function exported(url) {
  const { code, stdout, output } = await outcome(spawnCommandOn(url, "export.mjs"));
  if (code !== 0) throw new Refusal(`The export failed: ${output}`);
  return stdout.slice(stdout.indexOf("\n"));
}

/**
 * Starts an admin's command on a wall.
 * @param {string} url
 * @param {string} script
 * @param {string[]} argv
 */
function spawnCommandOn(url, script, ...argv) {
  return spawnNode([path.join(ROOT, "scripts", script), "--url", url, ...argv], {
    env: { ...process.env, ADMIN_TOKEN },
  });
}
