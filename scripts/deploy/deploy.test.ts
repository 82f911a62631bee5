import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../command/paths.mjs";
import { chooseLedger } from "./choose-ledger.mjs";
import { clearPreview } from "./clear.mjs";
import { deployed, newCloudflare, TOKENS } from "./stand-in/cloudflare";
import { targetOf, wallOfBranch } from "./target.mjs";

const WORKER = "--config=worker/wrangler.toml --env=";

/** The configurations that were written for one deploy each. */
const ownConfigs = (calls: string[]) =>
  calls.flatMap((call) => call.match(/^deploy --config=(worker\/wrangler\.deploy-\S+)/)?.[1] ?? []);

test("a first deploy sends the Worker with its tokens, then creates the project and sends the page", async () => {
  const cloudflare = newCloudflare();
  const url = await cloudflare.deploy("v-one", { env: TOKENS });
  expect(url).toBe("https://saywhatwant.pages.dev");
  expect(cloudflare.calls()).toEqual([
    "whoami --json",
    `versions list ${WORKER} --json`,
    "kv namespace list",
    "pages project list --json",
    `deploy ${WORKER} --var=VERSION:v-one --var=LEDGER:sqlite --secrets-file=…`,
    "pages project list --json",
    "pages project create saywhatwant --production-branch=main",
    "pages project list --json",
    "pages deploy … --project-name=saywhatwant --branch=main --commit-message=v-one --commit-dirty=true",
  ]);
  expect(cloudflare.read().namespaces).toHaveLength(1);
  expect(cloudflare.read().workers["saywhatwant-worker"]?.secrets).toEqual(Object.keys(TOKENS));
  expect(cloudflare.asked).toContain("GET https://saywhatwant.pages.dev/api/status");
});

test("a shared link's image has the address of the deployed wall", async () => {
  const cloudflare = newCloudflare();
  const head = '<meta property="og:image" content="/preview.png"/>';
  const data = '["$","meta",{\\"content\\":\\"/preview.png\\"}]';
  await cloudflare.deploy("v-one", { env: TOKENS, html: head + data });
  const { directory = "" } = cloudflare.read().pages[0] ?? {};
  const html = readFileSync(path.join(directory, "index.html"), "utf8");
  expect(html.match(/[^"\\]*preview\.png/g)).toEqual(
    Array(2).fill("https://saywhatwant.pages.dev/preview.png"),
  );
});

test("a page that was deployed elsewhere before gets the address of this deploy", async () => {
  const cloudflare = newCloudflare();
  const html = '<meta property="og:image" content="https://earlier.pages.dev/preview.png"/>';
  await cloudflare.deploy("v-one", { env: TOKENS, html });
  const { directory = "" } = cloudflare.read().pages[0] ?? {};
  expect(readFileSync(path.join(directory, "index.html"), "utf8")).toContain(
    'content="https://saywhatwant.pages.dev/preview.png"',
  );
});

test("a second deploy needs no tokens and creates nothing", async () => {
  const cloudflare = newCloudflare(deployed("v-one"));
  await cloudflare.deploy("v-two");
  expect(cloudflare.calls()).toEqual([
    "whoami --json",
    `versions list ${WORKER} --json`,
    `versions view upload-1 ${WORKER} --json`,
    `secret list ${WORKER} --format=json`,
    "pages project list --json",
    `deploy ${WORKER} --var=VERSION:v-two`,
    "pages project list --json",
    "pages deploy … --project-name=saywhatwant --branch=main --commit-message=v-two --commit-dirty=true",
  ]);
  expect(cloudflare.read().namespaces).toHaveLength(1);
});

test("settings reach the Worker, and later deploys without them keep its ledger", async () => {
  const cloudflare = newCloudflare();
  const varsOf = (calls: string[]) =>
    calls.find((call) => call.startsWith("deploy "))?.match(/--var=[^V]\S+/g);
  const settings = { ledger: "kv", locationHint: "weur", live: "off" } as const;
  await cloudflare.deploy("v-one", { env: TOKENS, settings });
  expect(varsOf(cloudflare.calls())).toEqual([
    "--var=LEDGER:kv",
    "--var=LOCATION_HINT:weur",
    "--var=LIVE:off",
  ]);
  await cloudflare.deploy("v-two");
  expect(varsOf(cloudflare.calls())).toEqual(["--var=LEDGER:kv"]);
  // After a move.
  await cloudflare.deploy("v-three", { settings: { ledger: "sqlite" } });
  expect(varsOf(cloudflare.calls())).toEqual(["--var=LEDGER:sqlite"]);
  // The configuration has the previews' ledger.
  await cloudflare.deploy("v-four", { branch: "trial", env: TOKENS, settings });
  expect(varsOf(cloudflare.calls())).toEqual(["--var=LOCATION_HINT:weur", "--var=LIVE:off"]);
});

test("a bucket for backups is bound to production's Worker until the setting is off", async () => {
  const cloudflare = newCloudflare();
  const bucketsOf = (worker: string) =>
    cloudflare
      .read()
      .workers[worker]?.versions.at(-1)
      ?.resources?.bindings?.filter(({ name }) => name === "BACKUPS");
  const settings = { ledger: "sqlite", backupBucket: "wall-backups" } as const;
  const bound = [{ name: "BACKUPS", bucket_name: "wall-backups" }];
  await cloudflare.deploy("v-one", { env: TOKENS, settings });
  expect(bucketsOf("saywhatwant-worker")).toEqual(bound);
  await cloudflare.deploy("v-two", { settings });
  expect(bucketsOf("saywhatwant-worker")).toEqual(bound);
  await cloudflare.deploy("v-three", { branch: "trial", env: TOKENS, settings });
  expect(bucketsOf("saywhatwant-worker-preview")).toEqual([]);
  // From another machine, without the file.
  await cloudflare.deploy("v-four");
  expect(bucketsOf("saywhatwant-worker")).toEqual(bound);
  await cloudflare.deploy("v-five", { settings: { backupBucket: "off" } });
  expect(bucketsOf("saywhatwant-worker")).toEqual([]);
  const written = ownConfigs(cloudflare.calls());
  expect(written).toHaveLength(3);
  for (const config of written) expect(existsSync(path.join(ROOT, config))).toBe(false);
});

test("a first deploy that can't ask for the ledger sends nothing", async () => {
  const cloudflare = newCloudflare();
  const terminal = { isInteractive: false, ask: () => Promise.reject(new Error("asked")) };
  const deploying = cloudflare.deploy("v-one", {
    env: TOKENS,
    chooseLedger: () => chooseLedger(terminal),
  });
  await expect(deploying).rejects.toThrow(
    /^Set LEDGER for the first deploy: LEDGER=sqlite \(\$21\.50 .*\) or LEDGER=kv \(\$237.*\)\. docs\/ledgers\.md/,
  );
  expect(cloudflare.calls().filter((call) => /deploy |create/.test(call))).toEqual([]);
});

test("a terminal is asked for the ledger until it names one, and the answer is kept", async () => {
  const answers = ["sqllite", " kv "];
  const kept: string[] = [];
  const terminal = { isInteractive: true, ask: async () => answers.shift() ?? "" };
  const choose = () => chooseLedger(terminal, (name, value) => void kept.push(`${name}=${value}`));
  expect(await choose()).toBe("kv");
  expect(await choose()).toBe("sqlite");
  expect(kept).toEqual(["LEDGER=kv", "LEDGER=sqlite"]);
});

test("a first preview without tokens suggests printing new ones, and no deploy of production", async () => {
  const cloudflare = newCloudflare(deployed("v-one"));
  const refusal = await cloudflare.deploy("v-two", { branch: "trial", env: {} }).catch(String);
  expect(refusal).toContain(
    "saywhatwant-worker-preview has no BOT_TOKEN and no ADMIN_TOKEN yet. Run this, keep what it prints, and repeat the command: export BOT_TOKEN=$(openssl rand -hex 32) ADMIN_TOKEN=$(openssl rand -hex 32); echo $BOT_TOKEN $ADMIN_TOKEN",
  );
  expect(refusal).not.toContain("npm run deploy");
});

test("a preview has its own Worker, wall and address", async () => {
  const cloudflare = newCloudflare(deployed("v-one"));
  const wall = wallOfBranch("feature/ünicode");
  const url = await cloudflare.deploy("v-two", { branch: "feature/ünicode", env: TOKENS });
  expect(url).toBe(`https://${wall}.saywhatwant.pages.dev`);
  const calls = cloudflare.calls();
  expect(calls).toContain(`deploy ${WORKER}preview --var=VERSION:v-two --secrets-file=…`);
  expect(calls.at(-1)).toContain(`--branch=${wall} `);
  expect(cloudflare.serving("saywhatwant-worker")).toBe("v-one");

  await clearPreview(targetOf("feature/ünicode"), TOKENS as never, cloudflare.ask);
  expect(cloudflare.asked.at(-1)).toBe(`DELETE ${url}/api/admin/wall`);
  expect(cloudflare.calls()).toContain(
    "pages deployment delete page-2 --project-name=saywhatwant --force",
  );
  expect(cloudflare.read().pages.map(({ Branch }) => Branch)).toEqual(["main"]);
});

test("two deploys at once in one checkout don't take each other's configuration", async () => {
  const cloudflare = newCloudflare({ uploadFails: true });
  const settings = { backupBucket: "wall-backups" };
  await expect(cloudflare.deploy("v-one", { env: TOKENS, settings })).rejects.toThrow("upload");
  cloudflare.update({ uploadFails: false });
  await cloudflare.deploy("v-one", {
    env: TOKENS,
    settings,
    whileBuilding: () => cloudflare.deploy("v-two", { env: TOKENS, settings }),
  });
  expect(cloudflare.serving("saywhatwant-worker")).toBe("v-one");
});

test("after a failure the same command continues", async () => {
  const cloudflare = newCloudflare({ uploadFails: true });
  await expect(cloudflare.deploy("v-one", { env: TOKENS })).rejects.toThrow("upload failed");

  // The namespace exists without a Worker: wrangler alone would now fail each time.
  cloudflare.update({
    uploadFails: false,
    failing: { "pages deploy ": "the page did not arrive" },
  });
  cloudflare.calls();
  await expect(cloudflare.deploy("v-one", { env: TOKENS })).rejects.toThrow("did not arrive");
  const calls = cloudflare.calls();
  const [config = ""] = ownConfigs(calls);
  expect(calls).toContain(
    `deploy --config=${config} --env= --var=VERSION:v-one --var=LEDGER:sqlite --secrets-file=…`,
  );
  expect(existsSync(path.join(ROOT, config))).toBe(false);

  cloudflare.update({ failing: {} });
  await cloudflare.deploy("v-one");
  expect(cloudflare.read().namespaces).toHaveLength(1);
  expect(cloudflare.read().pages).toHaveLength(1);
});

test("possible refusals come in one sentence, before anything is sent", async () => {
  const cloudflare = newCloudflare({ loggedIn: false });
  const refused = async (sentence: RegExp, env: Record<string, string> = TOKENS) => {
    await expect(cloudflare.deploy("v-one", { env })).rejects.toThrow(sentence);
    const sent = cloudflare.calls().filter((call) => /deploy |create|rollback/.test(call));
    expect(sent).toEqual([]);
  };
  await refused(/^You are not logged in to Cloudflare: run `npx wrangler login`/);
  cloudflare.update({ loggedIn: true });
  await refused(/^saywhatwant-worker has no BOT_TOKEN and no ADMIN_TOKEN yet\. Run this, keep/, {});
  await refused(/^BOT_TOKEN must have at least 22 characters/, { ...TOKENS, BOT_TOKEN: "short" });
  await refused(/^ADMIN_TOKEN must differ from BOT_TOKEN/, {
    BOT_TOKEN: TOKENS.BOT_TOKEN,
    ADMIN_TOKEN: TOKENS.BOT_TOKEN,
  });
  const theirs = { "Project Name": "saywhatwant", "Project Domains": "x.pages.dev" };
  cloudflare.update({ projects: [{ ...theirs, "Git Provider": "Yes" }] });
  await refused(/^The name saywhatwant is taken by another Pages project/);
  cloudflare.update({
    projects: [],
    workers: {
      "saywhatwant-worker": {
        secrets: [],
        versions: [{ id: "theirs", resources: { bindings: [] } }],
        deployments: [],
      },
    },
  });
  await refused(/^The name saywhatwant-worker is taken by another Worker/);
  cloudflare.update({ failing: { "versions list": "More than one account available" } });
  await refused(/^Your login has several accounts: set CLOUDFLARE_ACCOUNT_ID/);
});

test("a deploy fails if Cloudflare accepts the upload but does not serve it", async () => {
  const cloudflare = newCloudflare();
  cloudflare.serveAs("v-zero");
  await expect(cloudflare.deploy("v-one", { env: TOKENS })).rejects.toThrow(
    /^Both parts are deployed, but https:\/\/saywhatwant.pages.dev does not show v-one .* as version v-zero/,
  );
});

test("no two branches share a wall, and none has production's", () => {
  const branches = ["main2", "a/b", "a-b", "A-b", "a.b", "ab", "ü", "é", "-", "x".repeat(200)];
  const walls = [...branches, `${"x".repeat(200)}y`].map(wallOfBranch);
  expect(new Set(walls).size).toBe(walls.length);
  for (const wall of walls) expect(wall).toMatch(/^[a-z0-9][a-z0-9-]{0,27}$/);
  expect(() => targetOf("main")).toThrow("is production");
  expect(() => targetOf(" ")).toThrow("must name a branch");
  expect(targetOf().wall).toBe("main");
});

test("production can't be cleared", async () => {
  const cloudflare = newCloudflare();
  const clearing = clearPreview(targetOf(), TOKENS as never, cloudflare.ask);
  await expect(clearing).rejects.toThrow("Only a preview can be cleared");
  expect(cloudflare.calls()).toEqual([]);
});
