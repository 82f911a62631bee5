/** One request of the fuzzer: how to send it, its expected answer, and how a person repeats it. */

export interface FuzzRequest {
  method: string;
  /** As in the request line. */
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** The only correct statuses, if the contract allows no others. */
  expected?: readonly number[];
  /** The expected comment if the post is accepted. */
  comment?: Record<string, unknown>;
}

/** Bytes sent over the wire as they are, for requests that no HTTP client would send. */
export interface RawRequest {
  raw: Buffer;
}

export function isRaw(request: FuzzRequest | RawRequest): request is RawRequest {
  return "raw" in request;
}

/** A command line that repeats it. */
export function asCommand(request: FuzzRequest | RawRequest, url: string): string {
  if (isRaw(request)) {
    const { hostname, port } = new URL(url);
    return `printf '%b' ${quoted(escaped(request.raw))} | nc -q 5 ${hostname} ${port}`;
  }
  const { method, path, headers, body } = request;
  const parts = ["curl -i --path-as-is", `-X ${quoted(method)}`];
  if (method === "HEAD") parts.push("-I");
  for (const [name, value] of Object.entries(headers))
    parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  const target = quoted(`${url}${path}`);
  if (!body) return [...parts, target].join(" ");
  return `printf '%b' ${quoted(escaped(body))} | ${[...parts, "--data-binary @-", target].join(" ")}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** For `printf %b`: octal for every byte except letters, digits and harmless characters. */
function escaped(bytes: Buffer): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9 {}:",./?&=_[\]-]/.test(character)
      ? character
      : `\\0${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}
