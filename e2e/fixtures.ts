/**
 * Playwright's `test` with fixtures shared by the wall's tests: watched pages and separate walls.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { type Stack, type StackOptions, startStack } from "./stack";

/**
 * Whether the tests run against a given wall, without access to its processes, logs and
 * configuration.
 */
export const GIVEN = Boolean(process.env.E2E_BASE_URL);

/**
 * For tests that take tens of seconds: `npm test -- --long` runs them (scripts/test.mjs uses the
 * tag).
 */
export const LONG = { tag: "@long" };

interface Fixtures {
  /** Console errors and warnings that a test expects, such as network errors it causes. */
  expectedConsole: RegExp[];
  /** Opens a page for another visitor, in a separate browser context, watched like `page`. */
  openVisitor: (options?: { baseURL?: string }) => Promise<Page>;
  /** Starts a separate wall for the test, stopped at the end even if the test fails. */
  startStack: (options?: StackOptions) => Promise<Stack>;
  /** An empty directory, deleted at the end. */
  scratch: string;
  /** Console output of the pages; unexpected lines fail the test. */
  complaints: string[];
}

export const test = base.extend<Fixtures>({
  expectedConsole: [[], { option: true }],

  complaints: [
    async ({ expectedConsole }, use) => {
      const complaints: string[] = [];
      await use(complaints);
      const unexpected = complaints.filter((text) => !expectedConsole.some((re) => re.test(text)));
      expect(unexpected, "console errors, warnings and uncaught page errors").toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, complaints }, use) => {
    watch(context, complaints);
    await use(context);
  },

  openVisitor: async ({ browser, contextOptions, baseURL, complaints }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...contextOptions, baseURL, ...options });
      contexts.push(context);
      watch(context, complaints);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the needed fixtures' names from this pattern.
  scratch: async ({}, use) => {
    const directory = await mkdtemp(path.join(tmpdir(), "saywhatwant-e2e-"));
    await use(directory);
    await rm(directory, { recursive: true, force: true });
  },

  // Depends on `scratch`, so that walls are stopped before the directory with their state is
  // deleted.
  startStack: async ({ scratch: _ }, use, testInfo) => {
    testInfo.skip(GIVEN, "starts, kills or configures a wall of its own");
    const stacks: Stack[] = [];
    await use(async (options) => {
      const stack = await startStack(options);
      stacks.push(stack);
      return stack;
    });
    await Promise.all(stacks.map((stack) => stack.stop()));
    for (const stack of stacks) stack.process.forgetState();
  },
});

export { expect };

/** Playwright's message when it blocks a service worker. */
const BLOCKED_WORKER = "Service Worker registration blocked by Playwright";

function watch(context: BrowserContext, complaints: string[]) {
  context.on("console", (message) => {
    const isComplaint = message.type() === "error" || message.type() === "warning";
    if (isComplaint && message.text() !== BLOCKED_WORKER) complaints.push(message.text());
  });
  context.on("weberror", (webError) => {
    complaints.push(String(webError.error().stack ?? webError.error()));
  });
}
