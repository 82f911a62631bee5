/** An object's events where no checker listens. */
import type { ObjectEvents } from "./incarnation";

const ignore = () => {};

export const NO_EVENTS: ObjectEvents = {
  log: ignore,
  synced: ignore,
  noticed: ignore,
  watched: ignore,
  told: ignore,
  asked: ignore,
  appended: ignore,
  dropped: ignore,
  claimed: ignore,
  releasing: ignore,
  list: ignore,
  read: ignore,
  put: ignore,
  opened: ignore,
  clockSet: ignore,
  openedSocket: ignore,
  sent: ignore,
  unread: ignore,
};
