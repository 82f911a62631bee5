// @ts-check
// Security headers for pages and API answers.

/**
 * Two years, as hstspreload.org recommends. Without includeSubDomains: other hosts of the domain
 * are not ours to decide.
 */
const HSTS = "max-age=63072000";

const EVERYWHERE = {
  "Strict-Transport-Security": HSTS,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** API answers are data: if opened as a page, they may not load, run or frame anything. */
export const API_HEADERS = {
  ...EVERYWHERE,
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  // Keeps answers out of other sites' processes. It doesn't affect CORS reads by allowed origins.
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Browser features that the page never uses. */
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
 * @param {{ script: readonly string[], style?: readonly string[], connect?: readonly string[] }}
 * sources Additional sources for scripts, styles and connections beside the page's own files:
 * hashes of its inline parts
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
    // The page posts with fetch; browsers must not submit forms themselves.
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
  };
  return {
    ...EVERYWHERE,
    "Content-Security-Policy": Object.entries(policy)
      .map(([directive, allowed]) => `${directive} ${allowed.join(" ")}`)
      .join("; "),
    // For browsers without frame-ancestors.
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": UNUSED_FEATURES.map((feature) => `${feature}=()`).join(", "),
  };
}
