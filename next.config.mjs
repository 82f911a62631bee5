import { setupDevPlatform } from "@cloudflare/next-on-pages/next-dev";
import { pageHeaders } from "./schema/security-headers.mjs";

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  // The wall's name is fixed at build: Pages has one preview configuration for all branches.
  env: { WALL: process.env.WALL ?? "main" },
  // `npm run check` lints and type-checks the whole repository; the build need not repeat it.
  eslint: { ignoreDuringBuilds: true },
  typescript: { ignoreBuildErrors: true },
  webpack(webpackConfig, { isServer, dev }) {
    // One file for each page besides React and Next: shared code would compress worse in separate files,
    // and the wall would load code for a page that only admins open.
    if (!isServer && !dev) {
      const { cacheGroups } = webpackConfig.optimization.splitChunks;
      cacheGroups.default = false;
      cacheGroups.defaultVendors = false;
    }
    return webpackConfig;
  },
};

if (process.env.NODE_ENV === "development") {
  // The built page's headers allow its inline scripts by hash (scripts/page/headers.mjs); in development the
  // scripts change, and hot reload evaluates code, sets styles and keeps a socket.
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
