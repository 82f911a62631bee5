/** A second checkout of this project, for tests of `npm start` in another directory. */
import { cp, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const CHECKOUT = fileURLToPath(new URL("..", import.meta.url));

const NOT_SOURCES = new Set([
  ".git",
  ".next",
  ".state",
  ".vercel",
  ".wrangler",
  "node_modules",
  "playwright-report",
  "test-results",
]);
const BUILT = [".vercel/output", ".vercel/built-from"];

/** Copies the sources, and the built page if `built`; the installed dependencies are shared. */
export async function copyCheckout(to: string, { built }: { built: boolean }): Promise<string> {
  await mkdir(to, { recursive: true });
  await cp(CHECKOUT, to, {
    recursive: true,
    filter: (source) => !NOT_SOURCES.has(path.basename(source)),
  });
  if (built) {
    for (const part of BUILT) {
      await cp(path.join(CHECKOUT, part), path.join(to, part), { recursive: true });
    }
  }
  await symlink(path.join(CHECKOUT, "node_modules"), path.join(to, "node_modules"));
  return to;
}
