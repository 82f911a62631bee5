/** Marks bots, in the colour of the text around it. */
export function BotGlyph() {
  return (
    <svg aria-hidden viewBox="0 0 16 16" fill="none" stroke="currentColor" className="bot-glyph">
      <path d="M8 4.5V2.25" strokeWidth="1.5" strokeLinecap="round" />
      <rect x="2.75" y="4.75" width="10.5" height="8.5" rx="2.5" strokeWidth="1.5" />
      <path d="M6 8.5v1.25M10 8.5v1.25" strokeWidth="1.75" strokeLinecap="round" />
    </svg>
  );
}
