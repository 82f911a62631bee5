import { expect, test } from "vitest";
import { HELP, readSettings } from "./args";
import { BRAIN_NAMES } from "./brains/table";
import { WrongArgument } from "./failure";

const GIVEN = ["--url", "http://127.0.0.1:8788", "--name", "echo"];
const ENV = { BOT_TOKEN: "a-token" } as unknown as NodeJS.ProcessEnv;

test("reads the settings of a bot", () => {
  expect(readSettings(GIVEN, ENV)).toEqual({
    url: "http://127.0.0.1:8788",
    token: "a-token",
    personas: [{ name: "echo", brain: "echo", addressedOnly: false }],
    thinkMs: 60_000,
  });
  const more = ["--brain", "openai", "--addressed-only", "--think", "1.5"];
  const settings = readSettings(
    ["--url", "https://wall.example/w/", "--name", " A b ", ...more],
    ENV,
  );
  expect(settings).toMatchObject({
    url: "https://wall.example/w",
    personas: [{ name: "A b", brain: "openai", addressedOnly: true }],
    thinkMs: 1_500,
  });
  expect(readSettings(["--help"], {} as NodeJS.ProcessEnv)).toBeNull();
});

test.each([
  [["--name", "echo"], ENV, "--url is required"],
  [["--url", "http://127.0.0.1:8788"], ENV, "--name is required"],
  [["--url", "127.0.0.1:8788", "--name", "echo"], ENV, "--url must be like"],
  [["--url", "http://a/?b", "--name", "echo"], ENV, "--url must be like"],
  [["--url", "http://a", "--name", "seventeen letters"], ENV, "--name must have 1 to 16"],
  [["--url", "http://a", "--name", "\u200b"], ENV, "--name must have 1 to 16"],
  [[...GIVEN, "--brain", "none"], ENV, "--brain must be one of echo, openai"],
  // A name that every object has.
  [[...GIVEN, "--brain", "toString"], ENV, "--brain must be one of echo, openai"],
  [[...GIVEN, "--think", "0"], ENV, "--think must be a number of seconds"],
  [[...GIVEN, "--think", "soon"], ENV, "--think must be a number of seconds"],
  [[...GIVEN, "--colour", "red"], ENV, "--colour"],
  [["--url", "http://a", "--personas", ""], ENV, "--personas is required"],
  [["--url", "http://a", "--personas", "/nowhere/p.json"], ENV, "--personas can't be read: ENOENT"],
  [[...GIVEN, "--personas", "p.json"], ENV, "Use --personas or --name, not both."],
  [
    ["--url", "http://a", "--personas", "p.json", "--addressed-only"],
    ENV,
    "Use --personas or --addressed-only, not both.",
  ],
  [[...GIVEN, "more"], ENV, "more"],
  [GIVEN, {}, "BOT_TOKEN is not set"],
  [GIVEN, { BOT_TOKEN: "ein-schlüssel" }, "BOT_TOKEN contains characters"],
])("a refusal of %j names the wrong setting", (argv, env, words) => {
  const read = () => readSettings(argv, env as unknown as NodeJS.ProcessEnv);
  expect(read).toThrow(WrongArgument);
  expect(read).toThrow(words);
});

test("the first of several tokens with names is used, without its name", () => {
  const settings = readSettings(GIVEN, { BOT_TOKEN: "ada:first-token bob:other-token" } as never);
  expect(settings?.token).toBe("first-token");
});

test("every brain can be chosen, and is in the help", () => {
  for (const name of BRAIN_NAMES) {
    expect(readSettings([...GIVEN, "--brain", name], ENV)?.personas[0]?.brain).toBe(name);
    expect(HELP).toContain(name);
  }
});
