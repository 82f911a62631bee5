import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inlineSources, writePageHeaders } from "./headers.mjs";

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-headers-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("lists each inline script once, and none with a source", () => {
  const page = '<script src="/a.js"></script><script>one()</script><script>two\n()</script>';
  const { script, style } = inlineSources([page, "<script>one()</script>"]);
  // The output of `printf 'one()' | openssl dgst -sha256 -binary | base64`.
  expect(script).toContain("'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='");
  expect(script).toHaveLength(2);
  expect(style).toEqual([]);
});

test("precedes the rules of the build", async () => {
  writeFileSync(path.join(directory, "index.html"), "<script>one()</script>");
  writeFileSync(path.join(directory, "_headers"), "/_next/static/*\n  cache-control: immutable\n");
  await writePageHeaders(directory);
  const written = readFileSync(path.join(directory, "_headers"), "utf8");
  expect(written).toMatch(/^\/\*\n {2}\S+: /);
  expect(written).toContain("'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='");
  expect(written).toContain("/_next/static/*\n  cache-control: immutable\n");
});

test("a policy that Pages would ignore fails the build", async () => {
  const scripts = Array.from({ length: 50 }, (_, n) => `<script>${n}</script>`).join("");
  writeFileSync(path.join(directory, "index.html"), scripts);
  await expect(writePageHeaders(directory)).rejects.toThrow("Content-Security-Policy");
});
