// @ts-check
// Three personas in one process, restarted together with the wall in every order: each message is answered once, and
// by the persona that it is addressed to.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { Refusal } from "../command/refusal.mjs";
import { withScratchDirectory } from "../command/scratch.mjs";
import { restartAll } from "./restarts.mjs";

const PERSONAS = [
  { name: "ada", brain: "echo" },
  { name: "bob", brain: "echo" },
  { name: "cleo", brain: "echo", addressedOnly: true },
];
const NAMES = PERSONAS.map(({ name }) => name);

/** @param {import("./conversation.mjs").Conversation} trial */
export function personas(trial) {
  return withScratchDirectory("personas", async (directory) => {
    const file = path.join(directory, "personas.json");
    writeFileSync(file, JSON.stringify(PERSONAS));
    const startBots = () => [trial.startBot({ personas: file })];
    const row = await restartAll(trial, startBots, (index) => {
      const entity = NAMES[index % (NAMES.length + 1)];
      return entity === undefined ? {} : { entity };
    });
    /** @type {Record<string, number>} */
    const answers = {};
    for (const [id, [answer]] of await trial.allAnswered()) {
      const { entity } = trial.sent.get(id)?.botParams ?? {};
      const name = answer?.username ?? "";
      if (name !== entity && (entity !== undefined || name === "cleo"))
        throw new Refusal(`ANSWERED by ${name}, addressed to ${entity ?? "nobody"}: ${id}`);
      answers[name] = (answers[name] ?? 0) + 1;
    }
    return {
      ...row,
      ...Object.fromEntries(NAMES.map((name) => [`by ${name}`, answers[name] ?? 0])),
    };
  });
}
