/** An operator's view of a deploy that meets a fault: the sentence, what was sent, and how it goes on. */
import { expect, onTestFinished, test, vi } from "vitest";
import { clearPreview } from "./clear.mjs";
import { deployed, newCloudflare, TOKENS } from "./stand-in/cloudflare";
import { targetOf } from "./target.mjs";

/** As wrangler 4.86 prints it. */
const NO_NETWORK = `▲ [WARNING] A fetch request failed, likely due to a connectivity issue.

  Common causes:
    - No internet connection or network connectivity problems
    - Firewall or VPN blocking the request
    - Network proxy configuration issues

  Please check your network connection and try again.

✘ [ERROR] fetch failed

Logs were written to "/home/me/.wrangler/logs/wrangler.log"`;
const UNREACHABLE = /^Cloudflare can't be reached\. Check your network.*run the same command again/;

const isSent = (call: string) => /^(deploy|pages deploy|pages project create|rollback) /.test(call);

/** The lines printed by a command, without the times. */
function printedLines() {
  const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  return () => written.mock.calls.map(([text]) => String(text).trim());
}

test.each([
  "Authentication error [code: 10000]",
  "Invalid access token [code: 9109]",
  "Invalid API Token [code: 1000]",
  "Invalid request headers [code: 6003]",
])("a wrong token is named before anything is sent: %s", async (error) => {
  const whoami = `✘ [ERROR] A request to the Cloudflare API (/user/tokens/verify) failed.\n\n  ${error}`;
  const cloudflare = newCloudflare({ failing: { whoami } });
  await expect(cloudflare.deploy("v-one", { env: TOKENS })).rejects.toThrow(
    /^Cloudflare refused the login: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN/,
  );
  expect(cloudflare.calls()).toEqual(["whoami --json"]);
});

test("a missing network is not taken for a missing login", async () => {
  const cloudflare = newCloudflare({ failing: { whoami: NO_NETWORK } });
  await expect(cloudflare.deploy("v-one", { env: TOKENS })).rejects.toThrow(UNREACHABLE);
  expect(cloudflare.calls().filter(isSent)).toEqual([]);
});

test("a network that fails at each step in turn loses nothing, and the last run finishes", async () => {
  const cloudflare = newCloudflare();
  for (const step of ["deploy", "pages project create", "pages deploy "]) {
    cloudflare.update({ failing: { [step]: NO_NETWORK } });
    await expect(cloudflare.deploy("v-one", { env: TOKENS })).rejects.toThrow(UNREACHABLE);
  }
  cloudflare.update({ failing: {} });
  // Cloudflare has the tokens since the second run.
  expect(await cloudflare.deploy("v-one")).toBe("https://saywhatwant.pages.dev");
  const { namespaces, workers, projects, pages } = cloudflare.read();
  expect([namespaces.length, projects.length, pages.length]).toEqual([1, 1, 1]);
  expect(Object.keys(workers)).toEqual(["saywhatwant-worker"]);
  expect(workers["saywhatwant-worker"]?.secrets).toEqual(Object.keys(TOKENS));
});

test("steps whose answers are lost on the way are not repeated as new ones", async () => {
  const cloudflare = newCloudflare({
    answerLost: { deploy: NO_NETWORK, "pages project create": NO_NETWORK },
  });
  await expect(cloudflare.deploy("v-one", { env: TOKENS })).rejects.toThrow(UNREACHABLE);
  cloudflare.update({ answerLost: { "pages project create": NO_NETWORK } });
  await expect(cloudflare.deploy("v-one")).rejects.toThrow(UNREACHABLE);
  cloudflare.update({ answerLost: {} });
  await cloudflare.deploy("v-one");
  const { namespaces, workers, projects } = cloudflare.read();
  expect([namespaces.length, projects.length]).toEqual([1, 1]);
  expect(workers["saywhatwant-worker"]?.secrets).toEqual(Object.keys(TOKENS));
});

test("a Pages project with another site's pages is not overwritten", async () => {
  const cloudflare = newCloudflare({ ...deployed("Update the menu"), workers: {} });
  await expect(cloudflare.deploy("v-one", { env: TOKENS })).rejects.toThrow(
    /^The name saywhatwant is taken by another Pages project of this account: change `name` in wrangler\.toml/,
  );
  expect(cloudflare.calls().filter(isSent)).toEqual([]);
});

test("a wall whose Worker was deleted is deployed to its own Pages project again", async () => {
  const cloudflare = newCloudflare({ ...deployed("0123456789ab-dirty-k3x"), workers: {} });
  expect(await cloudflare.deploy("v-one", { env: TOKENS })).toBe("https://saywhatwant.pages.dev");
});

test("a name that is taken outside the account gets the address that Cloudflare lists", async () => {
  const domains = "saywhatwant-4x2.pages.dev, wall.example.com";
  const { projects = [], ...before } = deployed("v-one");
  const cloudflare = newCloudflare({
    ...before,
    projects: projects.map((project) => ({ ...project, "Project Domains": domains })),
  });
  expect(await cloudflare.deploy("v-two")).toBe("https://saywhatwant-4x2.pages.dev");
});

test("a wall that answers late is waited for, with each reason once", async () => {
  const lines = printedLines();
  const unresolved = "getaddrinfo ENOTFOUND saywhatwant.pages.dev";
  const cloudflare = newCloudflare({ late: [unresolved, unresolved, 522, 522, 503] });
  await cloudflare.deploy("v-one", { env: TOKENS, patienceMs: 60_000 });
  expect(lines().filter((line) => line.startsWith("not yet"))).toEqual([
    `not yet: it does not answer (${unresolved})`,
    "not yet: it answers 522 without JSON",
    "not yet: it answers 503 without JSON",
  ]);
  expect(lines()).toContainEqual(
    expect.stringMatching(/^waiting for v-one at https:.* \(at most 60 s\) …$/),
  );
});

test("a wall that never answers ends the wait with the last reason and the way on", async () => {
  const cloudflare = newCloudflare({ late: Array(10_000).fill(522) });
  const deploying = cloudflare.deploy("v-one", { env: TOKENS });
  await expect(deploying).rejects.toThrow(
    /^Both parts are deployed, but https:\/\/saywhatwant\.pages\.dev does not show v-one after .* s: it answers 522 without JSON\. .*`npm run doctor -- --url https:\/\/saywhatwant\.pages\.dev`/,
  );
});

test("a rollback that Cloudflare does not answer says so, and the next try completes it", async () => {
  const cloudflare = newCloudflare({ ...deployed("v-one", "v-two"), apiLate: ["read ECONNRESET"] });
  await expect(cloudflare.rollBack()).rejects.toThrow(
    /^Cloudflare can't be reached \(read ECONNRESET\).*run the same command again/,
  );
  cloudflare.update({ apiLate: [502] });
  await expect(cloudflare.rollBack()).rejects.toThrow(
    /^Cloudflare's API answers 502 .*Run the same command again/,
  );
  expect(await cloudflare.rollBack()).toMatchObject({ from: "v-two", to: "v-one" });
});

test("a rollback that is not shown does not advise another rollback", async () => {
  const cloudflare = newCloudflare(deployed("v-one", "v-two"));
  cloudflare.serveAs("v-two");
  const rolling = cloudflare.rollBack();
  await expect(rolling).rejects.toThrow(
    /^Both parts are rolled back, but .* does not show v-one .* as version v-two/,
  );
  await expect(rolling).rejects.not.toThrow("npm run rollback");
});

test("a preview that does not answer stays, and the command says why", async () => {
  const cloudflare = newCloudflare(deployed("v-one"));
  cloudflare.update({ late: ["read ECONNRESET"] });
  await expect(clearPreview(targetOf("trial"), TOKENS as never, cloudflare.ask)).rejects.toThrow(
    /^The preview was not cleared\. Its wall does not answer \(read ECONNRESET\)/,
  );
  expect(cloudflare.calls().filter((call) => call.includes("delete"))).toEqual([]);
});
