import { COMPOSER_ID, composer } from "#client/chat/composer";

/** The first Tab stop, visible while it has the focus: leads past everything to the composer. */
export function SkipLink() {
  return (
    <a
      href={`#${COMPOSER_ID}`}
      className="skip-link"
      onClick={(event) => {
        // The address names a message or nothing.
        event.preventDefault();
        composer()?.focus();
      }}
    >
      Write a message
    </a>
  );
}
