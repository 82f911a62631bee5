// @ts-check
// The front's own answers: problem details with the API's security headers.
import { STATUS_CODES } from "node:http";
import { API_HEADERS } from "../../../schema/security-headers.mjs";

/**
 * @typedef {object} Refusal
 * @property {number} status
 * @property {string} code stable, for programs
 * @property {string} detail
 * @property {number} [retryAfterSeconds] after which a retry may succeed
 */

const UNAVAILABLE = { status: 503, code: "unavailable", retryAfterSeconds: 1 };

/** @satisfies {Record<string, Refusal>} */
export const REFUSALS = {
  malformed: { status: 400, code: "bad_request", detail: "This is not an HTTP request." },
  badHost: {
    status: 400,
    code: "bad_request",
    detail: "Exactly one valid Host header is required.",
  },
  notFound: { status: 404, code: "not_found", detail: "Not found." },
  tooSlow: { status: 408, code: "request_timeout", detail: "The request took too long to arrive." },
  tooLarge: { status: 413, code: "body_too_large", detail: "The body is too large." },
  unknownExpectation: {
    status: 417,
    code: "expectation_failed",
    detail: "The only supported expectation is 100-continue.",
  },
  headersTooLarge: { status: 431, code: "headers_too_large", detail: "The headers are too large." },
  unknownMethod: { status: 501, code: "not_implemented", detail: "Unknown method." },
  starting: { ...UNAVAILABLE, detail: "The wall is starting or restarting." },
  noAnswer: { ...UNAVAILABLE, detail: "The wall did not answer in time." },
  tooManyChannels: { ...UNAVAILABLE, detail: "Too many live channels are open. Poll." },
  full: { ...UNAVAILABLE, detail: "Too much data is being sent to the wall at once." },
};

/**
 * @param {import("node:http").ServerResponse} response
 * @param {Refusal} refusal
 */
export function refuse(response, refusal) {
  const { status, headers, body } = rendered(refusal);
  response.writeHead(status, headers);
  response.end(body);
}

/**
 * For a connection without a readable request, and so without a response object. Closes it.
 * @param {import("node:stream").Duplex} socket
 * @param {Refusal} refusal
 */
export function refuseConnection(socket, refusal) {
  const { status, headers, body } = rendered(refusal);
  const lines = Object.entries({ ...headers, Connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", ""].join("\r\n");
  socket.end(head + body, () => socket.destroy());
}

/** @param {Refusal} refusal */
function rendered({ status, code, detail, retryAfterSeconds }) {
  const title = STATUS_CODES[status];
  const body = JSON.stringify({ type: "about:blank", title, status, detail, code });
  /** @type {Record<string, string | number>} */
  const headers = {
    "Content-Type": "application/problem+json",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    ...API_HEADERS,
  };
  if (retryAfterSeconds !== undefined) headers["Retry-After"] = retryAfterSeconds;
  return { status, headers, body };
}
