// @ts-check
import { Response } from "miniflare";

/*
 * Lets the tests in workerd run in a folder of any name. @cloudflare/vitest-pool-workers tells
 * workerd a module's location in a Location header with the bare path. Headers are Latin-1, workerd
 * reads UTF-8: in a folder named "ü" no module is found, and "日" can't even be sent. So this sends
 * the path as its UTF-8 bytes.
 */
const Base = Object.getPrototypeOf(Response);

class Utf8Redirect extends Base {
  /**
   * @param {unknown} body
   * @param {{ headers?: Record<string, string> }} [init]
   */
  constructor(body, init) {
    const location = init?.headers?.Location;
    if (!location) super(body, init);
    else super(body, { ...init, headers: { Location: Buffer.from(location).toString("latin1") } });
  }
}

Object.setPrototypeOf(Response, Utf8Redirect);
