import { Wall } from "#components/chat/wall";

/** The whole site. Static: what is on the wall comes by polling, and only by polling. */
export default function Page() {
  return <Wall />;
}
