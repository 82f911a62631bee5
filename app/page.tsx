import { Wall } from "#components/wall";

/** The wall. A static page: all messages come by polling. */
export default function Page() {
  return <Wall />;
}
