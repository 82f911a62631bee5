/** The wall's name, with one word in the reader's colour. */
export function Wordmark() {
  return (
    <span className="text-title font-semibold tracking-[-0.02em]">
      say<span className="text-tint">what</span>want
    </span>
  );
}
