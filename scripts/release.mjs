// @ts-check
// A release: version, changelog and tag in one commit.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readArguments } from "./command/arguments.mjs";
import { ROOT } from "./command/paths.mjs";
import { spawnCommand } from "./command/process-group.mjs";
import { outcome } from "./command/quiet-run.mjs";
import { Refusal, WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";
import { isEarlierVersion } from "./command/version.mjs";
import { released, withVersion } from "./release/edits.mjs";

const USAGE = `npm run release -- VERSION

Makes a release of the current commit: sets the version in package.json and package-lock.json, moves the changelog's
“Unreleased” under it, commits both, and tags the commit. Sends nothing. Run \`npm run record\` and \`npm test\` before it.

  VERSION  three numbers, later than the current version, like 0.2.0`;

const FILES = ["package.json", "package-lock.json", "CHANGELOG.md"];

runCommand(async () => {
  const { positionals } = readArguments(USAGE, { allowPositionals: true });
  const [version = "", ...more] = positionals;
  if (!/^\d+\.\d+\.\d+$/.test(version) || more.length > 0)
    throw new WrongArgument("Name one version, like 0.2.0.");
  const [manifest, lock, changelog] = FILES.map((file) =>
    readFileSync(path.join(ROOT, file), "utf8"),
  );
  const current = JSON.parse(manifest ?? "").version;
  if (!isEarlierVersion(current, version))
    throw new Refusal(`${version} is not later than the current version, ${current}.`);
  if ((await git("status", "--porcelain")) !== "")
    throw new Refusal("Commit or discard your changes first: a release is of a commit.");
  const date = new Date().toISOString().slice(0, "2026-11-29".length);
  const edited = [
    withVersion(manifest ?? "", version, 1),
    withVersion(lock ?? "", version, 2),
    released(changelog ?? "", version, date),
  ];
  for (const [index, file] of FILES.entries())
    writeFileSync(path.join(ROOT, file), edited[index] ?? "");
  await git("commit", "--quiet", "--message", `Release ${version}`, "--", ...FILES);
  await git("tag", "--annotate", `v${version}`, "--message", `Release ${version}`);
  say(`released ${version} as v${version}; send it with: git push --follow-tags`);
});

/** @param {string[]} argv */
async function git(...argv) {
  const { code, output } = await outcome(spawnCommand("git", argv, process.env));
  if (code !== 0) throw new Refusal(`git ${argv[0]} failed:\n${output.trim()}`);
  return output.trim();
}
