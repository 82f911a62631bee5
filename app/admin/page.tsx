import type { Metadata } from "next";
import { Admin } from "#components/admin/admin";

export const metadata: Metadata = {
  title: "Admin · saywhatwant",
  robots: { index: false, follow: false },
};

/** For who holds the admin token. Nothing on the wall leads here. */
export default function Page() {
  return <Admin />;
}
