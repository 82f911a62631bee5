/** The id of a request in the logs of page, entrypoint and rebuilder, and in its answer's `X-Request-Id`. */

const made = new WeakMap<Request, string>();

/** Cloudflare's own id, which its other logs use too; without one, an id made here. */
export function requestId(request: Request): string {
  const ray = request.headers.get("CF-Ray");
  if (ray !== null) return ray;
  const id = made.get(request) ?? crypto.randomUUID();
  made.set(request, id);
  return id;
}
