/** Finds links in a text: http, https, and bare domains, which become https. No other schemes. */
import { LinkifyIt } from "linkify-it";
import type { LinkFinder } from "./words";

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: false, fuzzyIP: false });
linkify.add("ftp:", null).add("mailto:", null).add("//", null);

/** Characters of a shown link. */
export const LINK_MAX_CHARACTERS = 60;

/**
 * Countries whose domains end like files that people write about: README.md, main.rs, setup.py. A bare
 * name with such an ending is taken for a file, since a link to a stranger's host does harm and a
 * missing link does little.
 */
const FILE_ENDINGS = /\.(?:cc|md|ml|mm|pl|pm|ps|py|rs|sh|so|st|tf)$/i;

/** Hosts with such an ending that people write without a path. */
const KNOWN_HOSTS = new Set(["docs.rs", "notion.so", "hackmd.io", "formulae.brew.sh", "brew.sh"]);

/** A forgotten space after a full stop ("late.So we left") is no host either. */
const CAPITALISED_ENDING = /\.\p{Lu}\p{Ll}+$/u;

export const findLinks: LinkFinder = (text) =>
  (linkify.match(text) ?? []).flatMap(({ index, lastIndex, url, schema, raw }) =>
    schema || isHost(raw)
      ? {
          start: index,
          end: lastIndex,
          href: schema ? url : url.replace(/^http:/, "https:"),
          shown: shownLink(raw),
        }
      : [],
  );

/** Whether something written without a scheme is meant as an address: not a file, nor two sentences. */
function isHost(written: string): boolean {
  const [host = ""] = written.split(/[/?#:]/, 1);
  if (/^www\./i.test(host) || KNOWN_HOSTS.has(host.toLowerCase())) return true;
  const hasPath = /^[^/?#]*\/./.test(written);
  return !CAPITALISED_ENDING.test(host) && (hasPath || !FILE_ENDINGS.test(host));
}

/**
 * A link's host and path as written, without the scheme and the query. An ellipsis stands for whatever
 * is left out at the end.
 */
function shownLink(written: string): string {
  const [, address = written] = /^[a-z]+:\/\/(.*)$/is.exec(written) ?? [];
  const end = address.search(/[?#]/);
  const whole = (end < 0 ? address : address.slice(0, end)).replace(/\/$/, "");
  const characters = [...whole];
  if (characters.length < LINK_MAX_CHARACTERS)
    return end < 0 || end === address.length - 1 ? whole : `${whole}…`;
  if (end < 0 && characters.length === LINK_MAX_CHARACTERS) return whole;
  return `${characters.slice(0, LINK_MAX_CHARACTERS - 1).join("")}…`;
}
