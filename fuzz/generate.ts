/** Generates requests to every part of the HTTP interface: valid ones, nearly valid ones, and nonsense. */
import * as v from "valibot";
import { ClaimSchema, DraftSchema, PatchSchema, ReleaseSchema } from "#schema/comment";
import { BODY_MAX_BYTES, PRIORITY_MAX_PUBLIC } from "#schema/limits";
import { OwnRemovalSchema, ReportSchema } from "#schema/moderation";
import type { Random } from "../scripts/command/random.mjs";
import { malformed } from "./malformed";
import type { FuzzRequest, RawRequest } from "./request";
import { anything, mutated, nonce, text, validValue } from "./values";

export interface World {
  botToken: string;
  /** Ids of accepted posts. */
  ids: readonly string[];
  host: string;
}

const COMMENTS = "/api/comments";
const JSON_TYPE = "application/json";
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PURGE"];
const UNKNOWN_ID = "1700000000000-0123456789";

type Make = (random: Random, world: World) => FuzzRequest | RawRequest;

/** The kinds of requests, and the share of each in percent: together 100. */
const KINDS: readonly [share: number, make: Make][] = [
  [25, validPost],
  [20, mutatedPost],
  [10, brokenPost],
  [15, read],
  [9, botCall],
  [3, personCall],
  [10, anyRequest],
  [8, malformed],
];

export function generate(random: Random, world: World): FuzzRequest | RawRequest {
  let left = random.next() * 100;
  for (const [share, make] of KINDS) {
    left -= share;
    if (left < 0) return make(random, world);
  }
  return validPost(random, world);
}

function validPost(random: Random, world: World): FuzzRequest {
  return post(random, world, {
    ...freshDraft(random),
    text: `${random.next()} ${text(random)}`.slice(0, 900),
  });
}

function mutatedPost(random: Random, world: World): FuzzRequest {
  return post(random, world, mutated(random, freshDraft(random)));
}

/** A valid draft, usually with its own nonce or none: a nonce of another post would make it a copy of that post. */
function freshDraft(random: Random): object {
  const draft = validValue(random, DraftSchema) as { nonce?: string };
  return draft.nonce === undefined ? draft : { ...draft, nonce: nonce(random) };
}

/** A post whose correct answer follows from the contract alone. */
function post(random: Random, { botToken }: World, value: unknown): FuzzRequest {
  const body = Buffer.from(JSON.stringify(value) ?? "");
  const hasToken = random.chance(0.95);
  const headers = {
    "Content-Type": random.pick([JSON_TYPE, `${JSON_TYPE}; charset=utf-8`, "APPLICATION/JSON"]),
    ...(hasToken && { Authorization: `Bearer ${botToken}` }),
  };
  const request: FuzzRequest = { method: "POST", path: COMMENTS, headers, body };
  if (body.length > BODY_MAX_BYTES) return { ...request, expected: [413] };
  const parsed = v.safeParse(DraftSchema, JSON.parse(body.toString() || "null"));
  if (!parsed.success) return { ...request, expected: [400] };
  const { type, botParams } = parsed.output;
  const needsToken =
    type === "bot" || botParams?.processed || (botParams?.priority ?? 0) > PRIORITY_MAX_PUBLIC;
  if (!hasToken) return { ...request, expected: needsToken ? [401] : [200, 201, 429] };
  const { text: clean, username, color, replyTo } = parsed.output;
  const sent = { text: clean, username, color, replyTo };
  const comment = Object.fromEntries(
    Object.entries(sent).filter(([, field]) => field !== undefined),
  );
  return { ...request, expected: [200, 201], comment };
}

/** A post with bytes cut off or replaced, with another type or encoding, too large, or nested too deeply. */
function brokenPost(random: Random, world: World): FuzzRequest {
  const request = post(random, world, freshDraft(random));
  const { expected: _, comment: __, ...rest } = request;
  const body = request.body ?? Buffer.alloc(0);
  switch (random.integer(0, 5)) {
    case 0:
      return {
        ...rest,
        body: body.subarray(0, random.integer(0, body.length - 1)),
        expected: [400],
      };
    case 1: {
      const replaced = Buffer.from(body);
      for (let n = random.integer(1, 4); n > 0; n -= 1)
        replaced[random.integer(0, replaced.length - 1)] = random.integer(0, 255);
      return { ...rest, body: replaced };
    }
    case 2:
      return { ...rest, body: Buffer.from(body.toString(), "utf16le"), expected: [400, 413] };
    case 3: {
      const type = random.pick([
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
        "json",
        "*/*",
      ]);
      return { ...rest, headers: { ...rest.headers, "Content-Type": type }, expected: [415] };
    }
    case 4:
      return {
        ...rest,
        body: Buffer.alloc(random.pick([8_193, 70_000, 1_000_000]), " "),
        expected: [413],
      };
    default:
      return { ...rest, body: nested(random), expected: [400, 413] };
  }
}

/** JSON nested more deeply than some parsers accept. */
function nested(random: Random): Buffer {
  const depth = random.integer(10, 4_000);
  const open = random.pick(["[", '{"a":']);
  return Buffer.from(open.repeat(depth) + (open === "[" ? "]" : "1}").repeat(depth));
}

function read(random: Random, { botToken, ids }: World): FuzzRequest {
  const names = [
    "since",
    "before",
    "pending",
    "entity",
    "addressed",
    "limit",
    "after",
    "__proto__",
    "",
  ];
  const values = [
    () => String(random.integer(-1, 501)),
    () => (ids.length > 0 ? random.pick(ids) : UNKNOWN_ID),
    () => `aaaaaaaa.${random.integer(0, 9e15)}`,
    () => `${UNKNOWN_ID}.${Buffer.from(text(random)).toString("base64url")}`,
    () => "1",
    () => text(random),
  ];
  const pairs = Array.from({ length: random.integer(0, 3) }, () => [
    random.pick(names),
    random.pick(values)(),
  ]);
  const search = random.chance(0.9)
    ? pairs.map((pair) =>
        pair.map((part) => encodeURIComponent(part?.toWellFormed() ?? "")).join("="),
      )
    : ["%", "%zz", "limit=%00", "&&=&", "limit=1%23", "since=%ff%fe"];
  const headers: Record<string, string> = { Authorization: `Bearer ${botToken}` };
  if (random.chance(0.2)) headers["If-None-Match"] = random.pick(["*", 'W/"x"', '"', ",,,", "W/"]);
  if (random.chance(0.1)) headers.Range = "bytes=0-1";
  const path = random.chance(0.9) ? COMMENTS : "/api/status";
  return {
    method: "GET",
    path: `${path}?${search.join("&")}`,
    headers,
    expected: [200, 304, 400, 503],
  };
}

/** A bot's mark, claim or release of a comment, with the right token, a wrong one or none. */
function botCall(random: Random, { botToken, ids }: World): FuzzRequest {
  const known = ids.length > 0 && random.chance(0.7);
  const id = known
    ? random.pick(ids)
    : random.pick([UNKNOWN_ID, "x", "9999999999999-zzzzzzzzzz", "%00"]);
  const [method, suffix, schema] = random.pick([
    ["PATCH", "", PatchSchema],
    ["POST", "/claim", ClaimSchema],
    ["POST", "/release", ReleaseSchema],
  ] as const);
  const valid = validValue(random, schema);
  const value = random.chance(0.6) ? valid : mutated(random, valid);
  const headers: Record<string, string> = { "Content-Type": JSON_TYPE };
  const token = random.pick([botToken, botToken, botToken, "wrong", ""]);
  if (token) headers.Authorization = `Bearer ${token}`;
  const body = Buffer.from(JSON.stringify(value) ?? "");
  const withToken = [200, 204, 400, 404, 409, 413, 503];
  return {
    method,
    path: `${COMMENTS}/${id}${suffix}`,
    headers,
    body,
    expected: token === botToken ? withToken : [401, 400, 404, 413],
  };
}

/** A report of a comment, or a removal with a secret that is nobody's. */
function personCall(random: Random, { ids }: World): FuzzRequest {
  const known = ids.length > 0 && random.chance(0.7);
  const id = known ? random.pick(ids) : random.pick([UNKNOWN_ID, "x", "9999999999999-zzzzzzzzzz"]);
  const isReport = random.chance(0.5);
  const valid = validValue(random, isReport ? ReportSchema : OwnRemovalSchema);
  const body = Buffer.from(
    JSON.stringify(random.chance(0.6) ? valid : mutated(random, valid)) ?? "",
  );
  const headers = { "Content-Type": JSON_TYPE };
  const refused = [400, 404, 413, 429, 503];
  return isReport
    ? {
        method: "POST",
        path: `${COMMENTS}/${id}/report`,
        headers,
        body,
        expected: [204, ...refused],
      }
    : {
        method: "DELETE",
        path: `${COMMENTS}/${id}`,
        headers,
        body,
        expected: [401, 403, ...refused],
      };
}

/** Any method and path with any headers. */
function anyRequest(random: Random, { host }: World): FuzzRequest {
  const parts = [
    "api",
    "comments",
    UNKNOWN_ID,
    "claim",
    "status",
    "..",
    ".",
    "",
    "%2e%2e",
    "%2f",
    "%ff",
    "_next",
    "image",
    "data",
    "index.rsc",
    "a%00b",
    "cdn-cgi",
    "sw.js",
    "[id]",
    "%F0%9F%91%8D",
    ";",
    "*",
    "x".repeat(2_000),
  ];
  const path = `/${Array.from({ length: random.integer(0, 4) }, () => random.pick(parts)).join("/")}`;
  const search = random.chance(0.3)
    ? `?${random.pick(["url=/x&w=64&q=1", "a[]=1", "%", "nxtPid=1", "_rsc=x"])}`
    : "";
  const headers: Record<string, string> = {};
  const oddHeaders: readonly [string, string][] = [
    ["Origin", random.pick(["null", "https://evil.example", `http://${host}`, "x", ""])],
    ["Sec-Fetch-Site", random.pick(["cross-site", "same-origin", "none", "x"])],
    ["Access-Control-Request-Method", "POST"],
    ["Authorization", random.pick(["Basic YTpi", "Bearer", `Bearer ${"x".repeat(5_000)}`, "é"])],
    ["RSC", "1"],
    ["Next-Router-State-Tree", random.pick(["x", "%5B%22%22%5D", "["])],
    ["Next-Action", "0".repeat(40)],
    ["x-middleware-subrequest", "middleware"],
    ["x-prerender-revalidate", "1"],
    ["CF-Connecting-IP", "192.0.2.1"],
    ["Accept-Encoding", random.pick(["gzip", "*;q=0", "x"])],
    ["Expect", "100-continue"],
    ["Upgrade", "websocket"],
    ["Connection", random.pick(["Upgrade", "close", "content-type"])],
    ["X-HTTP-Method-Override", "DELETE"],
  ];
  for (let n = random.integer(0, 3); n > 0; n -= 1) {
    const [name, value] = random.pick(oddHeaders);
    headers[name] = value;
  }
  const method = random.pick(METHODS);
  const mayHaveBody = method !== "GET" && method !== "HEAD" && random.chance(0.5);
  if (mayHaveBody)
    headers["Content-Type"] = random.pick([
      JSON_TYPE,
      "text/plain;charset=UTF-8",
      "multipart/form-data; boundary=x",
    ]);
  const body = Buffer.from(JSON.stringify(anything(random, 2)) ?? "");
  return { method, path: path + search, headers, ...(mayHaveBody && { body }) };
}
