// @ts-check
// `npm run export [-- --out FILE --url URL]`: a whole wall as JSON lines, newest first.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { adminWall, WALL_OPTIONS } from "./admin-wall.mjs";
import { runCommand } from "./command.mjs";
import { Refusal } from "./refusal.mjs";

const NEWER_THAN_ALL = "9999999999999-0000000000";

runCommand(async () => {
  const { values } = parseArgs({ options: { ...WALL_OPTIONS, out: { type: "string" } } });
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
