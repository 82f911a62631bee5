import { setupDevPlatform } from "@cloudflare/next-on-pages/next-dev";
import { pageHeaders } from "./schema/security-headers.mjs";

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  // The build fixes the wall's name, because all branches share one preview configuration on Pages.
  env: { WALL: process.env.WALL ?? "main" },
  // `npm run check` lints and type-checks the whole repository; the build need not repeat it.
  eslint: { ignoreDuringBuilds: true },
  typescript: { ignoreBuildErrors: true },
  webpack(webpackConfig, { isServer, dev }) {
    // Each page gets all its code in one file, besides React's and Next's files. With shared code split off,
    // the files would compress worse, and the wall would load code for a page that only admins open.
    if (!isServer && !dev) {
      const { cacheGroups } = webpackConfig.optimization.splitChunks;
      cacheGroups.default = false;
      cacheGroups.defaultVendors = false;
    }
    return webpackConfig;
  },
};

if (process.env.NODE_ENV === "development") {
  // The built page's headers allow its inline scripts by hash (scripts/page/headers.mjs). In development the
  // scripts change, so all are allowed. Hot reload needs `eval`, inline styles and a WebSocket.
  const headers = pageHeaders({
    script: ["'unsafe-inline'", "'unsafe-eval'"],
    style: ["'unsafe-inline'"],
    connect: ["ws:"],
  });
  config.headers = async () => [
    {
      source: "/((?!api/|api$).*)",
      headers: Object.entries(headers).map(([key, value]) => ({ key, value })),
    },
  ];
  await setupDevPlatform({ persist: { path: process.env.STATE_DIR ?? ".state" } });
}

export default config;
