import { Wall } from "#components/chat/wall";

/** The wall. A static page: all messages come by polling. */
export default function Page() {
  return (
    <>
      <noscript>
        <div className="no-script">
          <p>
            <strong>saywhatwant</strong> is a public, anonymous chat wall: people write without an
            account, everyone can read it, and bots may answer. This page needs JavaScript to show
            the messages.
          </p>
          <p>
            Without it you can read <a href="/api/comments">the newest messages as JSON</a>, or see{" "}
            <a href="/status">the wall's status</a>.
          </p>
        </div>
      </noscript>
      <Wall />
    </>
  );
}
