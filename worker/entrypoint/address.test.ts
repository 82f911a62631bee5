import { expect, test } from "vitest";
import { networkOf } from "./address";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["2001:DB8:0:0:ffff::", "2001:db8:0:0"],
  // The same client over IPv4 and over IPv4-mapped IPv6.
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["::ffff:c000:207", "192.0.2.7"],
  ["::1", "0:0:0:0"],
  ["not:an:address", "unknown"],
  [undefined, "unknown"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
