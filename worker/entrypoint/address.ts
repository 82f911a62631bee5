/** Which clients count as one. */

/** Whoever is not named by an address counts with all others who are not. */
const UNKNOWN = "unknown";

/** Of 128 bits a provider gives a household the last 64, or more, to choose from. */
const IPV6_NETWORK_GROUPS = 4;
const IPV6_GROUPS = 8;

/** A host's or a company's site has a /48, which is 65,536 networks. */
const IPV6_SITE_GROUPS = 3;

/** An IPv4 address as it is; of an IPv6 address its /64, as in `2001:db8:0:1`. */
export function networkOf(address: string | undefined): string {
  if (!address) return UNKNOWN;
  if (!address.includes(":")) return address;
  const groups = groupsOf(address);
  if (!groups) return UNKNOWN;
  return mappedIpv4(groups) ?? groups.slice(0, IPV6_NETWORK_GROUPS).join(":");
}

/** The /48 of an IPv6 network, as in `2001:db8:0`; `null` where there is none, as with IPv4. */
export function siteOf(network: string): string | null {
  const groups = network.split(":");
  return groups.length === IPV6_NETWORK_GROUPS ? groups.slice(0, IPV6_SITE_GROUPS).join(":") : null;
}

/** The eight groups in hexadecimal without leading zeros, or `null` for what is no IPv6 address. */
function groupsOf(address: string): string[] | null {
  const url = `http://[${address}]`;
  if (!URL.canParse(url)) return null;
  // The URL standard writes every address in one way.
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
