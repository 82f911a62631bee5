/** Playwright's `test` with what every test of the wall needs: watched pages, and walls of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { type Stack, type StackOptions, startStack } from "./stack";

/** Whether a wall was given to be tested, whose processes, logs and configuration are out of reach. */
export const GIVEN = Boolean(process.env.E2E_BASE_URL);

/** For a test that takes tens of seconds: `npm test -- --long` runs it (scripts/test.mjs knows the tag). */
export const LONG = { tag: "@long" };

interface Fixtures {
  /** Console errors and warnings that a test expects, such as those of a network failure it causes. */
  expectedConsole: RegExp[];
  /** Another visitor: a page in a browser context of its own, watched like `page`. */
  openVisitor: (options?: { baseURL?: string }) => Promise<Page>;
  /** A wall of the test's own, stopped at its end also when it fails. */
  startStack: (options?: StackOptions) => Promise<Stack>;
  /** An empty directory, removed at the end. */
  scratch: string;
  /** What the pages complained about; a test that ends with an unexpected complaint fails. */
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

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures needed from this pattern.
  scratch: async ({}, use) => {
    const directory = await mkdtemp(path.join(tmpdir(), "saywhatwant-e2e-"));
    await use(directory);
    await rm(directory, { recursive: true, force: true });
  },

  // Needs `scratch`, so that its walls are stopped before the directory they may keep their state in is gone.
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

/** Playwright's own word for a service worker that it keeps out. */
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
