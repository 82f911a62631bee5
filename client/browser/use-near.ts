import { type FocusEvent, useState } from "react";

/** Handlers for an element that tell whether it is pointed at, and whether the focus is inside. */
export function useNear() {
  const [isHovered, setHovered] = useState(false);
  const [isFocused, setFocused] = useState(false);
  const onFocusChange = ({ currentTarget, relatedTarget }: FocusEvent) => {
    if (currentTarget.contains(relatedTarget)) return;
    const look = () => setFocused(currentTarget.contains(document.activeElement));
    // If a press moved the focus, nothing on the page may move before it has become a click.
    if (document.querySelector(":active")) addEventListener("click", look, { once: true });
    else look();
  };
  const handlers = {
    onMouseEnter: () => setHovered(true),
    onMouseLeave: () => setHovered(false),
    onFocus: onFocusChange,
    onBlur: onFocusChange,
  };
  return { isHovered, isFocused, handlers };
}
