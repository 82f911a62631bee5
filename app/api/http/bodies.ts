/** Request bodies: bounded, JSON in UTF-8, not compressed. */
import { BODY_MAX_DEPTH, isDeeperThan } from "#schema/check/depth";
import { BODY_MAX_BYTES } from "#schema/limits";
import { type Outcome, type Refusal, refusal, success } from "#schema/problem";

/** Reading stops here, whatever the body's length. */
const DISCARD_MAX_BYTES = 10 * 1_024 * 1_024;

/** Longer than the name of any content coding. */
const CODING_SHOWN_MAX_CHARACTERS = 40;

/** The JSON body: at most 8 KiB unless more is allowed, declared as JSON, in UTF-8, not compressed. */
export async function readJson(
  request: Request,
  maxBytes = BODY_MAX_BYTES,
): Promise<Outcome<unknown>> {
  const type = typeRefusal(request);
  if (type) return type;
  const body = await readBounded(request, maxBytes);
  return body ? parseJson(body) : tooLarge(maxBytes);
}

/** The JSON body of a method that needs none: absent without a `Content-Type`, or when it has no bytes. */
export async function readJsonIfSent(request: Request): Promise<Outcome<unknown>> {
  if (!request.headers.has("Content-Type")) return success(undefined);
  const body = await readBounded(request, BODY_MAX_BYTES);
  if (body?.length === 0) return success(undefined);
  return typeRefusal(request) ?? (body ? parseJson(body) : tooLarge(BODY_MAX_BYTES));
}

function typeRefusal({ headers }: Request): Refusal | null {
  const [type] = (headers.get("Content-Type") ?? "").split(";");
  if (type?.trim().toLowerCase() !== "application/json")
    return refusal("unsupported_media_type", "Send application/json.");
  const coding = headers.get("Content-Encoding")?.trim().toLowerCase() || "identity";
  if (coding === "identity") return null;
  const named = coding.slice(0, CODING_SHOWN_MAX_CHARACTERS);
  return refusal("unsupported_media_type", `Send the body without Content-Encoding: ${named}.`);
}

function tooLarge(maxBytes: number): Refusal {
  return refusal("body_too_large", `Send at most ${maxBytes} bytes.`);
}

function parseJson(body: Uint8Array): Outcome<unknown> {
  if (body.length === 0) return refusal("invalid_json", "The body is empty. Send JSON.");
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (!isDeeperThan(BODY_MAX_DEPTH, value)) return success(value);
    return refusal("invalid_json", `The body nests more than ${BODY_MAX_DEPTH} levels deep.`);
  } catch {
    return refusal("invalid_json", "The body is not JSON in UTF-8.");
  }
}

/** Reads a body to its end and throws it away. */
export async function discardBody(request: Request): Promise<void> {
  await readBounded(request, 0);
}

/** The body's bytes, or `null` when there are more than `max`, which are read and thrown away. */
async function readBounded(request: Request, max: number): Promise<Uint8Array | null> {
  if (!request.body) return new Uint8Array();
  const bytes = new Uint8Array(max);
  let length = 0;
  const reader = request.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (length + part.value.length <= max) bytes.set(part.value, length);
    length += part.value.length;
    if (length > DISCARD_MAX_BYTES) {
      await reader.cancel();
      break;
    }
  }
  return length <= max ? bytes.subarray(0, length) : null;
}
