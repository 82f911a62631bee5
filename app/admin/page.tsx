import "./admin.css";
import type { Metadata } from "next";
import { Admin } from "#components/admin/admin";

export const metadata: Metadata = {
  title: "Admin · saywhatwant",
  robots: { index: false, follow: false },
};

/** The admin page, for holders of the admin token. The wall doesn't link to it. */
export default function Page() {
  return <Admin />;
}
