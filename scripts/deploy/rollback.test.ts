import { expect, test } from "vitest";
import { deployed, newCloudflare } from "./stand-in/cloudflare";

const isAct = (call: string) => /^(api POST|rollback)/.test(call);

test("the page goes back first, then the Worker, one version each time", async () => {
  const cloudflare = newCloudflare(deployed("v-one", "v-two", "v-three"));
  expect(await cloudflare.rollBack()).toMatchObject({ from: "v-three", to: "v-two" });
  const acts = cloudflare.calls().filter(isAct);
  expect(acts).toEqual([
    "api POST /saywhatwant/deployments/page-2/rollback",
    "rollback upload-2 --config=worker/wrangler.toml --env= --yes --message=back from v-three",
  ]);
  expect(cloudflare.serving("saywhatwant-worker")).toBe("v-two");
  expect(cloudflare.read().served).toBe("page-2");

  expect(await cloudflare.rollBack()).toMatchObject({ from: "v-two", to: "v-one" });
  await expect(cloudflare.rollBack()).rejects.toThrow("no version before v-one");
});

test("a chosen version can be restored, even after a change of a token", async () => {
  const cloudflare = newCloudflare(deployed("v-one", "v-two", "v-three", "v-three"));
  expect(await cloudflare.rollBack("v-one")).toMatchObject({ from: "v-three", to: "v-one" });
  expect(cloudflare.read().served).toBe("page-1");
});

test("a failure halfway leaves an earlier page with a later Worker, and a second try completes it", async () => {
  const cloudflare = newCloudflare(deployed("v-one", "v-two"));
  cloudflare.update({ failing: { rollback: "not now" } });
  await expect(cloudflare.rollBack()).rejects.toThrow("not now");
  expect(cloudflare.read().served).toBe("page-1");
  expect(cloudflare.serving("saywhatwant-worker")).toBe("v-two");
  cloudflare.update({ failing: {} });
  await cloudflare.rollBack();
  expect(cloudflare.serving("saywhatwant-worker")).toBe("v-one");
});

test("a rollback across a migration of classes is refused", async () => {
  const cloudflare = newCloudflare(deployed("v-one", "v-two"));
  const uploads = cloudflare.read().workers["saywhatwant-worker"];
  Object.assign(uploads?.versions.at(-1)?.resources ?? {}, {
    script_runtime: { migration_tag: "v2" },
  });
  cloudflare.update({ workers: { "saywhatwant-worker": uploads as never } });
  await expect(cloudflare.rollBack()).rejects.toThrow(
    /^Between v-one and v-two the objects' classes were migrated \(v1 to v2\)/,
  );
  expect(cloudflare.calls().filter(isAct)).toEqual([]);
});

test("listed uploads newer than the served version are never taken for earlier ones", async () => {
  const state = deployed(...Array.from({ length: 12 }, (_, index) => `v-${index + 1}`));
  const { deployments } = state.workers?.["saywhatwant-worker"] ?? {};
  deployments?.push({ versions: [{ version_id: "upload-1", percentage: 100 }] });
  const cloudflare = newCloudflare(state);
  await expect(cloudflare.rollBack()).rejects.toThrow(
    "The last 10 uploads contain no version before v-1:",
  );
  expect(cloudflare.calls().filter(isAct)).toEqual([]);
});

test("nothing is rolled back without a deploy", async () => {
  await expect(newCloudflare().rollBack()).rejects.toThrow("was never deployed");
});
