import { Wall } from "#components/chat/wall";

/** The wall. A static page: all messages come by polling. */
export default function Page() {
  return <Wall />;
}
