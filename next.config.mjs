import { setupDevPlatform } from "@cloudflare/next-on-pages/next-dev";

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  // The wall's name is fixed at build: Pages has one preview configuration for all branches.
  env: { WALL: process.env.WALL ?? "main" },
  // `npm run check` lints and type-checks the whole repository; the build need not do it again.
  eslint: { ignoreDuringBuilds: true },
  typescript: { ignoreBuildErrors: true },
};

if (process.env.NODE_ENV === "development") {
  await setupDevPlatform({ persist: { path: process.env.STATE_DIR ?? ".state" } });
}

export default config;
