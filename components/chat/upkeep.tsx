import { useUpkeep } from "#client/polling/use-upkeep";

/** Keeps the wall up to date. Shows nothing; its attribute is this tab's part in polling. */
export function Upkeep() {
  return <span hidden data-testid="upkeep" data-lease={useUpkeep()} />;
}
