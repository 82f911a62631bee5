import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { parseLocationHint } from "#worker/location";
import { ROOT } from "../command/paths.mjs";
import { scratchDirectory } from "../command/scratch.mjs";
import { keepSetting, readDeploySettings } from "./settings.mjs";

const NOTHING = {} as NodeJS.ProcessEnv;

function fileOf(...lines: string[]) {
  const file = path.join(scratchDirectory("settings"), "deploy.env");
  writeFileSync(file, lines.join("\n"));
  return file;
}

test("settings come from the file, and the environment's take precedence", () => {
  const file = fileOf(
    "# mine",
    "",
    " LEDGER = kv\r",
    'LOCATION_HINT="weur"',
    "LIVE=",
    "ALLOWED_ORIGINS=https://a.example https://b.example",
  );
  const read = {
    ledger: "kv",
    locationHint: "weur",
    allowedOrigins: "https://a.example,https://b.example",
  };
  expect(readDeploySettings(NOTHING, file)).toEqual(read);
  const env = { LEDGER: "sqlite", LIVE: "off" } as unknown as NodeJS.ProcessEnv;
  expect(readDeploySettings(env, file)).toEqual({ ...read, ledger: "sqlite", live: "off" });
  expect(readDeploySettings(NOTHING, path.join(path.dirname(file), "none"))).toEqual({});
});

test.each([
  ["LEDGER=sqllite", "LEDGER must be one of kv, sqlite, but it is “sqllite”."],
  ["LOCATION_HINT=europe", "LOCATION_HINT must be one of wnam"],
  ["LIVE=no", "LIVE must be one of on, off"],
  ["BACKUP_BUCKET=My_Bucket", "BACKUP_BUCKET must be the name of an R2 bucket"],
  ["ALLOWED_ORIGINS=example.com", "ALLOWED_ORIGINS must be origins"],
  [
    "LEGDER=kv",
    "deploy.env, line 2: “LEGDER=kv” is no setting. Write NAME=value, with one of LEDGER,",
  ],
  ["ledger: kv", "deploy.env, line 2: “ledger: kv” is no setting."],
  ["toString=1", "deploy.env, line 2: “toString=1” is no setting."],
  ["LEDGER=kv\nLEDGER=kv", "deploy.env, line 3: LEDGER is there twice."],
])("%j is rejected with one sentence", (line, sentence) => {
  expect(() => readDeploySettings(NOTHING, fileOf("# mine", line))).toThrow(sentence);
});

test("the regions are those of the Worker", () => {
  const sentenceOf = (refused: () => unknown) => {
    try {
      refused();
    } catch (error) {
      return (error as Error).message.replace(/[^a-z-]+/g, " ").split(" one of ")[1];
    }
    throw new Error("not refused");
  };
  expect(sentenceOf(() => readDeploySettings(NOTHING, fileOf("LOCATION_HINT=europe")))).toBe(
    sentenceOf(() => parseLocationHint("europe")),
  );
});

test("a kept setting gets a line of its own", () => {
  const file = fileOf("LIVE=off");
  keepSetting("LEDGER", "kv", file);
  expect(readFileSync(file, "utf8")).toBe("LIVE=off\nLEDGER=kv\n");
});

test("each setting of the example is valid, and each setting is in it", () => {
  const example = readFileSync(path.join(ROOT, "deploy.env.example"), "utf8");
  const file = fileOf(example.replace(/^#(?=[A-Z_]+=)/gm, ""));
  expect(Object.keys(readDeploySettings(NOTHING, file)).sort()).toEqual(
    ["allowedOrigins", "backupBucket", "ledger", "live", "locationHint"].sort(),
  );
});
