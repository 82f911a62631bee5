// @ts-check
// The headers of the built page, in Pages' own format: a `_headers` file with hashes of the pages'
// scripts.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pageHeaders } from "../../schema/security-headers.mjs";

/** An inline script; a script with a `src` is allowed by its origin. */
const INLINE_SCRIPT = /<script>(.*?)<\/script>/gs;
const INLINE_STYLE = /<style[^>]*>(.*?)<\/style>/gs;

/** Beyond this length Pages cuts a header line off and ignores the rule. */
const LINE_MAX_CHARACTERS = 2_000;

/**
 * Allows exactly the scripts that Next.js wrote into the pages, by hash: they differ with each
 * build.
 * @param {string} directory the built page
 */
export async function writePageHeaders(directory) {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".html"));
  const pages = await Promise.all(
    names.map((name) => readFile(path.join(directory, name), "utf8")),
  );
  const file = path.join(directory, "_headers");
  const already = await readFile(file, "utf8").catch(() => "");
  const rules = [
    rule("/*", pageHeaders(inlineSources(pages))),
    // Keeps the page out of the back/forward cache, which would bring back a signed-out desk.
    rule("/admin", { "Cache-Control": "no-store" }),
  ];
  await writeFile(file, `${rules.join("\n")}\n${already}`);
}

/** @param {readonly string[]} pages their HTML */
export function inlineSources(pages) {
  /** @param {RegExp} element */
  const hashes = (element) => [
    ...new Set(
      pages.flatMap((page) =>
        [...page.matchAll(element)].map(([, content = ""]) => hashSource(content)),
      ),
    ),
  ];
  return { script: hashes(INLINE_SCRIPT), style: hashes(INLINE_STYLE) };
}

/** @param {string} content */
function hashSource(content) {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}

/**
 * @param {string} pattern
 * @param {Record<string, string>} headers
 */
function rule(pattern, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
  const tooLong = lines.find((line) => line.length > LINE_MAX_CHARACTERS);
  if (tooLong) throw new Error(`Pages would drop this header: ${tooLong.slice(0, 60)}…`);
  return `${pattern}\n${lines.join("\n")}\n`;
}
