import "./status.css";
import type { Metadata } from "next";
import { StatusPage } from "#components/status/status-page";

export const metadata: Metadata = {
  title: "Status · saywhatwant",
  description: "Current freshness, the last hour, and the projected monthly cost of the wall.",
};

/** The status page. Static like the wall: its data comes by polling. */
export default function Page() {
  return <StatusPage />;
}
