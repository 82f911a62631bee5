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
 * For tests that take over three seconds: `npm test -- --long` runs them (scripts/test.mjs uses the
 * tag).
 */
export const LONG = { tag: "@long" };

/** Time that a test gets for each wall that it starts, on a machine that stalls. */
const STACK_STARTS_MS = 60_000;

interface Complaints {
  lines: { text: string; url: string }[];
  /** Requests that the wall asked to send again soon, by address. */
  retryLater: Map<string, string>;
}

interface Fixtures {
  /** Console errors and warnings that a test expects, such as network errors it causes. */
  expectedConsole: RegExp[];
  /** Opens a page for another visitor, in a separate browser context, watched like `page`. */
  openVisitor: (options?: { baseURL?: string }) => Promise<Page>;
  /** Starts a separate wall for the test, stopped at the end even if the test fails. */
  startStack: (options?: StackOptions) => Promise<Stack>;
  /** An empty directory, deleted at the end. */
  scratch: string;
  /** Console output of the pages and their failed requests; unexpected lines fail the test. */
  complaints: Complaints;
}

export const test = base.extend<Fixtures>({
  expectedConsole: [[], { option: true }],

  complaints: [
    async ({ expectedConsole }, use) => {
      const complaints: Complaints = { lines: [], retryLater: new Map() };
      await use(complaints);
      // On a machine that stalls, the wall may ask for a retry, and pages do so. It is printed, since
      // it should be rare.
      for (const answer of complaints.retryLater.values()) console.warn(answer);
      const unexpected = complaints.lines.filter(
        ({ text, url }) =>
          !complaints.retryLater.has(url) && !expectedConsole.some((re) => re.test(text)),
      );
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
      testInfo.setTimeout(testInfo.timeout + STACK_STARTS_MS);
      const stack = await startStack(options);
      stacks.push(stack);
      return stack;
    });
    await Promise.all(stacks.map((stack) => stack.stop()));
    for (const stack of stacks) stack.process.forgetState();
  },
});

export { expect };

/** Runs `work` until it succeeds. Unlike `expect.poll`, it also repeats one that throws. */
export const eventually = (work: () => Promise<unknown>) =>
  expect(async () => void (await work())).toPass({ timeout: 10_000 });

/** Messages about the tests' own doing. */
const EXPECTED = [
  "Service Worker registration blocked by Playwright",
  // A test may end, or a tab may be hidden, while the page opens its live channel.
  "WebSocket is closed before the connection is established",
];

function watch(context: BrowserContext, { lines, retryLater }: Complaints) {
  context.on("console", (message) => {
    const [text, { url }] = [message.text(), message.location()];
    const isComplaint = message.type() === "error" || message.type() === "warning";
    if (!isComplaint || EXPECTED.some((part) => text.includes(part))) return;
    // Playwright reports no answer to a handshake.
    if (text.includes("WebSocket handshake: Unexpected response code: 503"))
      retryLater.set(url, text);
    lines.push({ text, url });
  });
  context.on("weberror", (webError) => {
    const error = webError.error();
    lines.push({ text: String(error.stack ?? error), url: "" });
  });
  context.on("response", (response) => {
    if (response.status() !== 503 || !response.headers()["retry-after"]) return;
    const [method, url] = [response.request().method(), response.url()];
    const headers = JSON.stringify(response.headers());
    retryLater.set(url, `${method} ${url} was answered by 503: ${headers}`);
  });
}
