import "./status.css";
import type { Metadata } from "next";
import { StatusPage } from "#components/status/status-page";

export const metadata: Metadata = {
  title: "Status · saywhatwant",
  description: "Whether the wall is fresh, how it did in the last hour, and what it costs.",
};

/** How the wall is, for people. Static, as the wall is: what it shows comes by asking. */
export default function Page() {
  return <StatusPage />;
}
