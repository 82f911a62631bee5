// @ts-check
import { localUrl } from "./admin/wall.mjs";
import { readArguments } from "./command/arguments.mjs";
import { WrongArgument } from "./command/refusal.mjs";
import { runCommand } from "./command/run.mjs";
import { say } from "./command/terminal.mjs";
import { sayExamined } from "./deploy/doctor.mjs";

const USAGE = `npm run doctor [-- --url URL]

Checks a running wall as its users would: page, API, freshness, health, a message that it posts and removes again, the
live channel; then the published copy, the cron, and where the object runs. Prints a line for each, and exits with 1
if one fails, such as the post on a paused wall. Needs no account and no token.

  --url URL  the wall (${localUrl()}); without it, PORT is that of \`npm start\``;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: { url: { type: "string", default: localUrl() } },
  });
  const { failed, total } = await sayExamined(readUrl(values.url));
  say(failed === 0 ? "the wall is well" : `${failed} of ${total} checks failed`);
  if (failed > 0) process.exitCode = 1;
});

/** @param {string} text */
function readUrl(text) {
  const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!isHttp)
    throw new WrongArgument(
      `--url must be an address like https://wall.example.com, not “${text}”.`,
    );
  return text.replace(/\/+$/, "");
}
