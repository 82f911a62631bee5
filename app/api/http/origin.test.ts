import { expect, test } from "vitest";
import { isForeign } from "./origin";

function foreign(host: string, origin: string) {
  const headers = { Host: host, Origin: origin };
  return isForeign(new Request("http://behind/api/comments", { method: "POST", headers }), "");
}

test.each([
  ["example.com", "https://example.com"],
  ["example.com", "http://example.com"],
  ["example.com:443", "https://example.com"],
  ["example.com:80", "http://example.com"],
  ["example.com:8788", "http://example.com:8788"],
  ["EXAMPLE.com", "https://example.com"],
  ["[::1]:8788", "http://[::1]:8788"],
])("to %s a page of %s is the wall's own", (host, origin) => {
  expect(foreign(host, origin)).toBe(false);
});

test.each([
  ["example.com:80", "https://example.com"],
  ["example.com:443", "http://example.com"],
  ["example.com:8788", "http://example.com"],
  ["example.com", "https://example.com:8443"],
  ["example.com", "https://example.com.evil.example"],
  ["example.com", "https://evil.example"],
  ["example.com", "null"],
  ["example.com", ""],
])("to %s a page of %j is another site's", (host, origin) => {
  expect(foreign(host, origin)).toBe(true);
});

test.each([
  ["POST", "cross-site", true],
  ["POST", "same-site", true],
  ["POST", "same-origin", false],
  ["POST", "none", false],
  ["GET", "cross-site", false],
])("a %s that a browser calls %s, without an Origin: refused is %s", (method, site, refused) => {
  const headers = { Host: "example.com", "Sec-Fetch-Site": site };
  const request = new Request("http://behind/api/comments", { method, headers });
  expect(isForeign(request, "")).toBe(refused);
});
