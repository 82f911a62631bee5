import { expect, test } from "vitest";
import { tableOf } from "./entry.mjs";

const FILES = [
  "[[...path]]/route.ts",
  "comments/[id]/claim/route.ts",
  "comments/[id]/route.ts",
  "comments/newest/route.ts",
  "comments/route.ts",
  "status/badge.svg/route.ts",
];

function answering(pathname: string) {
  for (const { file, pattern } of tableOf(FILES)) {
    const match = pattern.exec(pathname);
    if (match) return { file, ...match.groups };
  }
  return null;
}

test.each([
  ["/api/comments", { file: "comments/route.ts" }],
  ["/api/comments/1-abc", { file: "comments/[id]/route.ts", id: "1-abc" }],
  ["/api/comments/newest", { file: "comments/newest/route.ts" }],
  ["/api/comments/1-abc/claim", { file: "comments/[id]/claim/route.ts", id: "1-abc" }],
  ["/api/comments/1-abc/other", { file: "[[...path]]/route.ts" }],
  ["/api/status/badge.svg", { file: "status/badge.svg/route.ts" }],
  ["/api/status/badge-svg", { file: "[[...path]]/route.ts" }],
  ["/api", { file: "[[...path]]/route.ts" }],
  ["/api/comments//claim", { file: "[[...path]]/route.ts" }],
])("%s is answered by the same file as in Next.js", (pathname, answer) => {
  expect(answering(pathname)).toEqual(answer);
});

test.each(["/", "/apis", "/api/", "/api/comments/", "/old/api/comments"])(
  "%s is left to the adapter",
  (pathname) => {
    expect(answering(pathname)).toBeNull();
  },
);

test.each(["(group)/route.ts", "[...rest]/route.ts", "@slot/route.ts"])(
  "a file at %s fails the build instead of being ignored",
  (file) => {
    expect(() => tableOf([file])).toThrow(/does not support the segment/);
  },
);
