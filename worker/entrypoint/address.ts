/** Maps client addresses to the networks that rate limits and moderation count as one client. */

/** Clients without a valid address share one count. */
const UNKNOWN = "unknown";

/** A provider gives a household a /64 or larger, so addresses within a /64 count as one client. */
const IPV6_NETWORK_GROUPS = 4;
const IPV6_GROUPS = 8;

/** A hosting provider's or company's site has a /48, which holds 65,536 networks. */
const IPV6_SITE_GROUPS = 3;

/** An IPv4 address unchanged; an IPv6 address's /64, as in `2001:db8:0:1`. */
export function networkOf(address: string | undefined): string {
  if (!address) return UNKNOWN;
  if (!address.includes(":")) return address;
  const groups = groupsOf(address);
  if (!groups) return UNKNOWN;
  return mappedIpv4(groups) ?? groups.slice(0, IPV6_NETWORK_GROUPS).join(":");
}

/** The /48 of an IPv6 network, as in `2001:db8:0`; `null` for IPv4 and unknown addresses. */
export function siteOf(network: string): string | null {
  const groups = network.split(":");
  return groups.length === IPV6_NETWORK_GROUPS ? groups.slice(0, IPV6_SITE_GROUPS).join(":") : null;
}

/** The eight groups in hexadecimal without leading zeros; `null` for an invalid IPv6 address. */
function groupsOf(address: string): string[] | null {
  const url = `http://[${address}]`;
  if (!URL.canParse(url)) return null;
  // The URL standard gives every address one canonical form.
  const [head = "", tail] = new URL(url).hostname.slice(1, -1).split("::");
  const split = (part: string) => (part ? part.split(":") : []);
  if (tail === undefined) return split(head);
  const missing = IPV6_GROUPS - split(head).length - split(tail).length;
  return [...split(head), ...Array<string>(missing).fill("0"), ...split(tail)];
}

/** The IPv4 address in `::ffff:192.0.2.1`. */
function mappedIpv4(groups: string[]): string | null {
  if (groups.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return null;
  return groups
    .slice(6)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((word) => [word >> 8, word & 0xff])
    .join(".");
}
