/** Finds links in a text: http, https, and bare domains, which become https. No other schemes. */
import { LinkifyIt } from "linkify-it";
import type { LinkFinder } from "./words";

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: false, fuzzyIP: false });
linkify.add("ftp:", null).add("mailto:", null).add("//", null);

export const findLinks: LinkFinder = (text) =>
  (linkify.match(text) ?? []).map(({ index, lastIndex, url, schema }) => ({
    start: index,
    end: lastIndex,
    href: schema ? url : url.replace(/^http:/, "https:"),
  }));
