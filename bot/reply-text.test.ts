import { expect, test } from "vitest";
import { replyText } from "./reply-text";

test.each([
  ["unchanged", "Hello", "Hello"],
  ["cleaned", " Hel\u200blo\r\n\t", "Hello"],
  ["nothing visible", " \u200b\n", ""],
  ["as long as allowed", "😀".repeat(1_000), "😀".repeat(1_000)],
  ["too long", "😀".repeat(1_001), `${"😀".repeat(999)}…`],
  ["too long, cut at a space", `${"a".repeat(998)} bcd`, `${"a".repeat(998)}…`],
])("%s", (_, text, reply) => {
  expect(replyText(text)).toBe(reply);
});
