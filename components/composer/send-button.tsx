export function SendButton({ disabled }: { disabled: boolean }) {
  return (
    <button type="submit" aria-label="Send" disabled={disabled} className="send-button">
      <svg aria-hidden viewBox="0 0 20 20" fill="none" className="size-4.5">
        <path
          d="M10 16V4.5M5 9.25 10 4.25l5 5"
          stroke="currentColor"
          strokeWidth="2"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    </button>
  );
}
