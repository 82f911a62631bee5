/** The doctor at a real wall. */
import { spawn } from "node:child_process";
import path from "node:path";
import { ROOT } from "../../scripts/command/paths.mjs";
import { expect, LONG, test } from "../fixtures";

async function doctor(url: string) {
  const script = path.join(ROOT, "scripts", "doctor.mjs");
  const child = spawn(process.execPath, [script, "--url", url]);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      output += chunk;
    });
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, output };
}

test(
  "the doctor finds nothing wrong with a wall that is well, and names what is wrong with a paused one",
  LONG,
  async ({ startStack }) => {
    const { url, adminToken } = await startStack();
    expect(await doctor(url)).toEqual({
      code: 0,
      // A wall that has just started may be late for a moment: then the doctor tries again.
      output: expect.stringMatching(/^(( +\.\.\. .*\n)*( +ok .*\n)){11}the wall is well\n$/),
    });
    const read = await (await fetch(`${url}/api/comments`)).json();
    expect(read).toMatchObject({ comments: [] });
    await fetch(`${url}/api/admin/pause`, {
      method: "PUT",
      headers: { Authorization: `Bearer ${adminToken}`, "Content-Type": "application/json" },
      body: JSON.stringify({ paused: true }),
    });
    // The page's side learns of it within some seconds.
    const post = () =>
      fetch(`${url}/api/comments`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text: "paused yet?" }),
      });
    await expect(async () => expect((await post()).status).toBe(503)).toPass({
      intervals: [2_000],
      timeout: 40_000,
    });
    expect(await doctor(url)).toEqual({
      code: 1,
      output: expect.stringMatching(/BAD post: .*posting_paused[\s\S]*2 of 11 checks failed\n$/),
    });
  },
);
