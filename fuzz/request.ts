/** One request of the fuzzer: how it is sent, what is expected of it, and how a person repeats it. */

export interface FuzzRequest {
  method: string;
  /** As it stands in the request line. */
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** The only statuses that are right, where the contract leaves no others. */
  expected?: readonly number[];
  /** What an accepted post must read as. */
  comment?: Record<string, unknown>;
}

/** Bytes as they go over the wire, for what no HTTP client would send. */
export interface RawRequest {
  raw: Buffer;
}

export function isRaw(request: FuzzRequest | RawRequest): request is RawRequest {
  return "raw" in request;
}

/** A command line that sends it again. */
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

/** For `printf %b`: every byte that is not a letter, a digit or harmless in octal. */
function escaped(bytes: Buffer): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9 {}:",./?&=_[\]-]/.test(character)
      ? character
      : `\\0${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}
