import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LOG_MAX_BYTES, openLog } from "./log-file.mjs";

let directory: string;
let file: string;
let stderr: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "saywhatwant-log-"));
  file = path.join(directory, "worker.log");
  stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  stderr.mockRestore();
  rmSync(directory, { recursive: true });
});

const complaints = () => stderr.mock.calls.map(([words]: unknown[]) => String(words));
const line = (index: number) => Buffer.from(`${String(index).padStart(1_023, ".")}\n`);

test("appends to the previous start's lines", () => {
  openLog(file, { echo: false })(Buffer.from("first\n"));
  openLog(file, { echo: false })(Buffer.from("second\n"));
  expect(readFileSync(file, "utf8")).toBe("first\nsecond\n");
});

test("keeps the newest lines and one old file, however much is written", () => {
  const log = openLog(file, { echo: false });
  const lines = Math.ceil((3.5 * LOG_MAX_BYTES) / 1_024);
  for (let index = 0; index < lines; index += 1) log(line(index));
  const files = readdirSync(directory);
  expect(files.sort()).toEqual(["worker.log", "worker.log.old"]);
  for (const name of files)
    expect(statSync(path.join(directory, name)).size).toBeLessThanOrEqual(LOG_MAX_BYTES);
  const kept = readFileSync(`${file}.old`, "utf8") + readFileSync(file, "utf8");
  expect(kept.endsWith(String(line(lines - 1)))).toBe(true);
  expect(kept.length).toBeGreaterThan(LOG_MAX_BYTES);
});

test("a file larger than our limit is deleted", () => {
  writeFileSync(file, Buffer.alloc(LOG_MAX_BYTES + 1));
  openLog(file, { echo: false })(Buffer.from("new\n"));
  expect(readFileSync(file, "utf8")).toBe("new\n");
  expect(readdirSync(directory)).toEqual(["worker.log"]);
});

test.skipIf(process.platform !== "linux")(
  "lines on a full disk are dropped, with one message on stderr",
  () => {
    symlinkSync("/dev/full", file);
    const log = openLog(file, { echo: false });
    for (let index = 0; index < 3; index += 1) log(line(index));
    expect(complaints()).toHaveLength(1);
    expect(complaints()[0]).toMatch(/^[^\n]*worker\.log[^\n]*ENOSPC[^\n]*\n$/);
  },
);

test("a file that can't be opened is written as soon as possible", () => {
  mkdirSync(file);
  const log = openLog(file, { echo: false });
  log(Buffer.from("lost\n"));
  rmSync(file, { recursive: true });
  log(Buffer.from("kept\n"));
  expect(readFileSync(file, "utf8")).toBe("kept\n");
  expect(complaints()).toHaveLength(1);
});

test("a deleted directory is created again", () => {
  const log = openLog(path.join(directory, "logs", "page.log"), { echo: false });
  log(Buffer.from("first\n"));
  rmSync(path.join(directory, "logs"), { recursive: true });
  log(Buffer.from("second\n"));
  expect(readFileSync(path.join(directory, "logs", "page.log"), "utf8")).toBe("second\n");
});
