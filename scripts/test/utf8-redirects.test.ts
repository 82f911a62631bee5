import { Response } from "miniflare";
import { expect, test } from "vitest";
import "./utf8-redirects.mjs";

test("a module's path is sent to workerd as UTF-8, for any folder name", () => {
  const init = { status: 301, headers: { Location: "/home/zoë 日/index.mjs" } };
  const location = new Response(null, init).headers.get("Location") ?? "";
  expect(Buffer.from(location, "latin1").toString()).toBe("/home/zoë 日/index.mjs");
});
