/** Finds the handler of a request in a table of routes, and answers `HEAD`, `OPTIONS`, `404` and `405` for all. */
import { refusal } from "#schema/problem";
import { refuse } from "./answers";
import { preflight } from "./origin";
import { protect } from "./protect";

/** Such as `POST /api/comments/:id/claim`. `HEAD` comes with `GET`, `OPTIONS` with any method. */
type Row = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /api${string}`;

type NamesIn<Path extends string> = Path extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | NamesIn<`/${Rest}`>
  : Path extends `${string}/:${infer Name}`
    ? Name
    : never;

/** `params` holds the decoded segment for each `:name` of the row. */
type Handler<Params> = (request: Request, params: Params) => Promise<Response>;

type Routes<Rows extends Row> = {
  readonly [Path in Rows]: Handler<{ [Name in NamesIn<Path>]: string }>;
};

/** A handler whose row is no longer known: `Routes` has checked that it takes the row's names. */
type AnyHandler = Handler<never>;

interface Address {
  segments: readonly string[];
  handlers: Map<string, AnyHandler>;
}

/** @param routes where two paths match, the first answers: write `/comments/newest` above `/comments/:id` */
export function routerOf<Rows extends Row>(
  routes: Routes<Rows>,
): (request: Request) => Promise<Response> {
  const addresses = addressesOf(routes);
  return (request) =>
    protect(request, async () => {
      const { pathname } = new URL(request.url);
      const asked = pathname.split("/");
      const address = addresses.find(({ segments }) => matches(segments, asked));
      if (!address) return refuse(refusal("not_found", `There is nothing at ${pathname}.`));
      const { segments, handlers } = address;
      const handle = handlers.get(request.method === "HEAD" ? "GET" : request.method);
      if (handle) return handle(request, paramsOf(segments, asked) as never);
      const allow = [...handlers.keys(), ...(handlers.has("GET") ? ["HEAD"] : [])].join(", ");
      return preflight(request, allow) ?? refuseMethod(request.method, allow);
    });
}

/** The rows by path, in their order. */
function addressesOf(routes: Readonly<Record<string, AnyHandler>>): Address[] {
  const addresses = new Map<string, Address>();
  for (const [row, handle] of Object.entries(routes)) {
    const [method = "", path = ""] = row.split(" ");
    const address = addresses.get(path) ?? { segments: path.split("/"), handlers: new Map() };
    address.handlers.set(method, handle);
    addresses.set(path, address);
  }
  return [...addresses.values()];
}

const isName = (segment: string) => segment.startsWith(":");

function matches(segments: readonly string[], asked: readonly string[]): boolean {
  return (
    segments.length === asked.length &&
    segments.every((segment, at) => (isName(segment) ? asked[at] !== "" : asked[at] === segment))
  );
}

function paramsOf(segments: readonly string[], asked: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    segments.flatMap((segment, at) =>
      isName(segment) ? [[segment.slice(1), decoded(asked[at] ?? "")]] : [],
    ),
  );
}

/** A segment that is not percent-encoded UTF-8 stays as it is: it names nothing, so it gets a `404`. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function refuseMethod(method: string, allow: string): Response {
  const problem = refusal("method_not_allowed", `${method} is not for this address.`);
  return refuse(problem, { Allow: allow });
}
