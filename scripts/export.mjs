// @ts-check
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { adminWall, WALL_OPTIONS, WALL_USAGE } from "./admin-wall.mjs";
import { readArguments } from "./arguments.mjs";
import { runCommand } from "./command.mjs";
import { Refusal } from "./refusal.mjs";

const NEWER_THAN_ALL = "9999999999999-0000000000";

const USAGE = `npm run export [-- --out FILE --url URL]

A whole wall as JSON lines, newest first.

  --out FILE   where it goes; standard output without it
${WALL_USAGE}`;

runCommand(async () => {
  const { values } = readArguments(USAGE, {
    options: { ...WALL_OPTIONS, out: { type: "string" } },
  });
  const wall = adminWall(values.url);
  const out = values.out === undefined ? process.stdout : createWriteStream(values.out);
  let count = 0;
  for (let before = NEWER_THAN_ALL; before; ) {
    const page = await wall.ask("GET", `/api/comments?before=${encodeURIComponent(before)}`);
    if (page.spare)
      throw new Refusal("The rebuilder is away: what the wall shows may be old. Try again later.");
    for (const comment of page.comments)
      if (!out.write(`${JSON.stringify(comment)}\n`)) await once(out, "drain");
    count += page.comments.length;
    before = page.nextBefore;
  }
  await new Promise((resolve) => out.write("", () => resolve(undefined)));
  if (values.out !== undefined) await new Promise((resolve) => out.end(() => resolve(undefined)));
  process.stderr.write(`${count} comments\n`);
});
