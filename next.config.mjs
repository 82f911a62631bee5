import { setupDevPlatform } from "@cloudflare/next-on-pages/next-dev";
import { pageHeaders } from "./app/security-headers.mjs";

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  // The wall's name is fixed at build: Pages has one preview configuration for all branches.
  env: { WALL: process.env.WALL ?? "main" },
  // `npm run check` lints and type-checks the whole repository; the build need not do it again.
  eslint: { ignoreDuringBuilds: true },
  typescript: { ignoreBuildErrors: true },
  webpack(webpackConfig, { isServer, dev }) {
    // What the two pages share would become a file of its own, which compresses worse: the wall would pay
    // for a page that only its admins open.
    if (!isServer && !dev) webpackConfig.optimization.splitChunks.cacheGroups.default = false;
    return webpackConfig;
  },
};

if (process.env.NODE_ENV === "development") {
  // The built page's headers name its inline scripts by their hashes (scripts/page-headers.mjs); those of a
  // page in development change, and hot reload evaluates code, sets styles and keeps a socket.
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
