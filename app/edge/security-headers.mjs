// @ts-check
// What browsers are told to refuse: for pages, and for answers of the API.

/** Two years, as hstspreload.org asks; only of this host, whose neighbours are not ours to decide on. */
const HSTS = "max-age=63072000";

const EVERYWHERE = {
  "Strict-Transport-Security": HSTS,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** An answer of the API is data: shown as a page it may load, run and frame nothing. */
export const API_HEADERS = {
  ...EVERYWHERE,
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  // Keeps answers out of other sites' processes. Pages of allowed origins read by CORS, which this does not touch.
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** What the wall never asks a browser for. */
const UNUSED_FEATURES = [
  "browsing-topics",
  "camera",
  "display-capture",
  "geolocation",
  "hid",
  "microphone",
  "midi",
  "payment",
  "serial",
  "usb",
  "xr-spatial-tracking",
];

/**
 * The headers of every page.
 * @param {{ script: readonly string[], style?: readonly string[], connect?: readonly string[] }} sources
 *   what may run, style and be asked beside the page's own files: hashes of what stands in the page itself
 */
export function pageHeaders({ script, style = [], connect = [] }) {
  const policy = {
    "default-src": ["'none'"],
    "script-src": ["'self'", ...script],
    "style-src": ["'self'", ...style],
    "img-src": ["'self'"],
    "connect-src": ["'self'", ...connect],
    "manifest-src": ["'self'"],
    "worker-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    // The page sends by fetch; a form that a browser would send itself is none of ours.
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
  };
  return {
    ...EVERYWHERE,
    "Content-Security-Policy": Object.entries(policy)
      .map(([directive, allowed]) => `${directive} ${allowed.join(" ")}`)
      .join("; "),
    // For browsers that don't know frame-ancestors.
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": UNUSED_FEATURES.map((feature) => `${feature}=()`).join(", "),
  };
}
