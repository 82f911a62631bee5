// @ts-check
// CI's job `newest` runs this and then the tests (docs/dependencies.md).
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { readArguments } from "./command/arguments.mjs";
import { ROOT } from "./command/paths.mjs";
import { spawnCommand } from "./command/process-group.mjs";
import { firstLines, outcome } from "./command/quiet-run.mjs";
import { Refusal } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say, timed } from "./command/terminal.mjs";

const USAGE = `npm run newest

Raises every dependency to the newest version that docs/dependencies.md allows, and installs the result.
Changes package.json, the lock file, and the two files that name the package for tests in workerd. Needs Node 22 or
later and the npm registry. Afterwards \`npm test\` shows the failures, and \`git checkout .\` goes back.`;

/**
 * Ranges that another package requires; docs/dependencies.md has the reasons.
 * @type {Record<string, string>}
 */
const HELD = {
  next: "15",
  vercel: "47.0.4",
  typescript: "<7",
  vitest: "4",
  "@types/node": process.versions.node.split(".")[0] ?? "",
};

const OLD_POOL = "@cloudflare/vitest-pool-workers";
const POOL = "@cloudflare/vitest-plugin";
const TYPES = "@cloudflare/workers-types";
const FILES_WITH_POOL = ["package.json", "vitest.config.ts", "worker/test/tsconfig.json"];

runCommand(async () => {
  readArguments(USAGE);
  const before = await directDependencies();
  const runtime = await runtimeOfPool();
  for (const file of FILES_WITH_POOL) await edit(file, (text) => text.replaceAll(OLD_POOL, POOL));
  await edit("package.json", (text) => {
    const described = JSON.parse(text);
    // The adapter accepts only workers-types 4, and newer releases of wrangler only 5.
    described.overrides["@cloudflare/next-on-pages"][TYPES] = `$${TYPES}`;
    return `${JSON.stringify(described, null, 2)}\n`;
  });

  const free = Object.keys(before).filter((name) => name !== OLD_POOL && !(name in runtime));
  // Without the lock file npm also raises indirect dependencies.
  await rm(path.join(ROOT, "package-lock.json"), { force: true });
  await timed("installing the newest dependencies", () =>
    npm(
      "install",
      "--save-exact",
      ...[
        ...Object.entries(runtime).map(([name, version]) => `${name}@${version}`),
        ...free.map((name) => `${name}@${HELD[name] ?? "latest"}`),
      ],
    ),
  );

  await npm("exec", "biome", "--", "format", "--write", ...FILES_WITH_POOL);

  const after = await directDependencies();
  for (const [name, version] of Object.entries(after).sort())
    if (before[name] !== version)
      say(`${name} ${before[name] ?? `(was ${OLD_POOL})`} → ${version}`);
});

/** These four go together: the pool pins its wrangler, and that wrangler pins the other two. */
async function runtimeOfPool() {
  const pool = await view(POOL, "version");
  const wrangler = await view(`${POOL}@${pool}`, "dependencies.wrangler");
  return {
    [POOL]: pool,
    wrangler,
    miniflare: await view(`wrangler@${wrangler}`, "dependencies.miniflare"),
    [TYPES]: await view(`wrangler@${wrangler}`, `peerDependencies.${TYPES}`),
  };
}

/** @returns {Promise<Record<string, string>>} */
async function directDependencies() {
  const { dependencies, devDependencies } = JSON.parse(
    await readFile(path.join(ROOT, "package.json"), "utf8"),
  );
  return { ...dependencies, ...devDependencies };
}

/**
 * @param {string} file
 * @param {(text: string) => string} change
 */
async function edit(file, change) {
  const place = path.join(ROOT, file);
  await writeFile(place, change(await readFile(place, "utf8")));
}

/**
 * One field of a package in the registry.
 * @param {string} spec
 * @param {string} field
 */
async function view(spec, field) {
  return (await npm("view", spec, field)).trim();
}

/**
 * @param {string[]} argv
 * @throws {Refusal} with npm's output, if it fails
 */
async function npm(...argv) {
  const { code, output } = await outcome(
    spawnCommand("npm", ["--no-audit", "--no-fund", "--loglevel=error", ...argv], process.env),
  );
  if (code !== 0) throw new Refusal(`npm ${argv[0]} failed:\n${firstLines(output, 20)}`);
  return output;
}
