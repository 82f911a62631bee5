import { expect, test } from "vitest";
import { readJson, readJsonIfSent } from "./bodies";

const URL_OF_ONE = "https://wall.example/api/comments/1700000000000-0123456789";
const JSON_TYPE = { "Content-Type": "application/json" };

function request(method: string, headers: Record<string, string>, body?: string | Uint8Array) {
  return new Request(URL_OF_ONE, { method, headers, body: body as BodyInit });
}

test.each([
  ["no type and no body", {}, undefined],
  ["a type and no body", JSON_TYPE, undefined],
  ["a type and a body of no bytes", JSON_TYPE, ""],
  ["another type and no body", { "Content-Type": "text/plain" }, undefined],
  ["a coding and no body", { ...JSON_TYPE, "Content-Encoding": "gzip" }, undefined],
])("a DELETE with %s has no body", async (_, headers, body) => {
  const read = await readJsonIfSent(request("DELETE", headers, body));
  expect(read).toEqual({ ok: true, value: undefined });
});

test("a DELETE with a body is read like any other", async () => {
  const read = (headers: Record<string, string>, body: string) =>
    readJsonIfSent(request("DELETE", headers, body));
  expect(await read(JSON_TYPE, '{"all":true}')).toEqual({ ok: true, value: { all: true } });
  expect(await read(JSON_TYPE, "{")).toMatchObject({ problem: { status: 400 } });
  expect(await read({ "Content-Type": "text/plain" }, "x")).toMatchObject({
    problem: { status: 415 },
  });
  expect(await read(JSON_TYPE, `"${"x".repeat(9_000)}"`)).toMatchObject({
    problem: { status: 413 },
  });
});

test.each(["POST", "PATCH", "PUT"])(
  "a %s without a body is told that it is empty",
  async (method) => {
    expect(await readJson(request(method, JSON_TYPE))).toMatchObject({
      problem: { status: 400, code: "invalid_json", detail: expect.stringContaining("empty") },
    });
  },
);

test.each(["gzip", "br", "x-unknown", "GZIP", "identity, gzip", "deflate, identity"])(
  "a body in the coding %s is refused with its name",
  async (coding) => {
    const headers = { ...JSON_TYPE, "Content-Encoding": coding };
    const body = Uint8Array.from([0x1f, 0x8b, 8, 0]);
    expect(await readJson(request("POST", headers, body))).toMatchObject({
      problem: { status: 415, detail: expect.stringContaining(coding.toLowerCase()) },
    });
  },
);

test.each(["identity", "Identity", ""])("the coding %j is none", async (coding) => {
  const headers = { ...JSON_TYPE, "Content-Encoding": coding };
  expect(await readJson(request("POST", headers, "{}"))).toEqual({ ok: true, value: {} });
});

test("a body that is not UTF-8 is refused, never stored with replaced characters", async () => {
  const body = Uint8Array.from([0x22, 0xff, 0x22]);
  expect(await readJson(request("POST", JSON_TYPE, body))).toMatchObject({
    problem: { status: 400, code: "invalid_json" },
  });
});
