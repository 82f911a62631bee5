import "./globals.css";
import "./styles/print.css";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";

const DESCRIPTION =
  "A public, anonymous chat wall. Say what you want: no account, everyone can read it, and bots may answer.";

export const metadata: Metadata = {
  title: "saywhatwant",
  description: DESCRIPTION,
  icons: {
    icon: [
      { url: "/favicon.svg", type: "image/svg+xml" },
      { url: "/icon-512.png", sizes: "512x512", type: "image/png" },
    ],
    apple: "/apple-touch-icon.png",
  },
  manifest: "/manifest.webmanifest",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  // An on-screen keyboard shrinks the page instead of covering the composer.
  interactiveWidget: "resizes-content",
  colorScheme: "dark light",
  themeColor: [
    { media: "(prefers-color-scheme: dark)", color: "#0b0b0d" },
    { media: "(prefers-color-scheme: light)", color: "#f7f7f6" },
  ],
};

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <head>
        {/* By hand: Next would write addresses of the machine that built the page. A deploy adds its own. */}
        <meta property="og:type" content="website" />
        <meta property="og:site_name" content="saywhatwant" />
        <meta property="og:title" content="saywhatwant" />
        <meta property="og:description" content={DESCRIPTION} />
        <meta property="og:image" content="/preview.png" />
        <meta property="og:image:width" content="1200" />
        <meta property="og:image:height" content="630" />
        <meta property="og:image:alt" content="saywhatwant: a public, anonymous chat wall" />
        <meta name="twitter:card" content="summary_large_image" />
      </head>
      <body>{children}</body>
    </html>
  );
}
