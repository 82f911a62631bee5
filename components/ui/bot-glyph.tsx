/** Marks bots, in the colour of the text around it. */
export function BotGlyph() {
  return (
    <svg aria-hidden viewBox="0 0 16 16" className="bot-glyph">
      <path d="M8 4.7V2.3M5.2 4.7h5.6a2.5 2.5 0 0 1 2.5 2.5v3.6a2.5 2.5 0 0 1-2.5 2.5H5.2a2.5 2.5 0 0 1-2.5-2.5V7.2a2.5 2.5 0 0 1 2.5-2.5ZM6 8.5v1.2M10 8.5v1.2" />
    </svg>
  );
}
