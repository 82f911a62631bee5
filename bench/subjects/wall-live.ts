/** `wall-alone` with the live channel, as minimal. The bench lifts the limits of a sender. */
import { liveRequest } from "#schema/live/request";
import Alone from "./wall-alone";

export { CacheRebuilder } from "./wall-alone";

const WALL = "main";

export default class Live extends Alone {
  override async fetch(request: Request): Promise<Response> {
    const { headers, url } = request;
    if (headers.get("Upgrade") === null) return super.fetch(request);
    const since = new URL(url).searchParams.get("since");
    const address = headers.get("CF-Connecting-IP");
    return this.open(
      liveRequest({ wall: WALL, since, address, request: "bench", isUpgrade: true }),
    );
  }
}
