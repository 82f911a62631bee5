import { type ClipboardEvent, memo, type ReactNode, useMemo } from "react";
import { useLinkFinder } from "#client/chat/use-link-finder";
import { type LinkFinder, partsOf, withFewBlankLines } from "#client/chat/words";
import { type Block, blocksOf } from "#client/markdown/blocks";
import type { Inline } from "#client/markdown/inline";
import type { Match } from "#client/search/fold";
import { useFinder } from "#client/search/use-finder";
import { LongText, mayBeLong } from "#components/message/long-text";
import { TextParts, type TextProps } from "#components/message/text-parts";
import "./markdown.css";

/** How the words between the marks are shown. */
interface Look {
  name: string;
  find: ((text: string) => Match[]) | undefined;
  findLinks: LinkFinder | undefined;
}

/** A message in Markdown, as elements around text nodes. Copied whole, it is copied as it was written. */
export const MarkdownText = memo(function MarkdownText({ id, text, name, query }: TextProps) {
  const findLinks = useLinkFinder(text);
  const find = useFinder(query)?.find;
  const blocks = useMemo(() => blocksOf(withFewBlankLines(text)), [text]);
  const attributes = {
    id,
    className: "message-text markdown",
    onCopy: (event: ClipboardEvent<HTMLElement>) => copyAsWritten(event, text),
    children: <Blocks blocks={blocks} look={{ name, find, findLinks }} />,
  };
  // A search must not hide its matches.
  if (mayBeLong(text) && !query) return <LongText as="div" {...attributes} />;
  return <div {...attributes} />;
});

function Blocks({ blocks, look }: { blocks: readonly Block[]; look: Look }): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a text never change places.
  return blocks.map((block, index) => <BlockOf key={index} block={block} look={look} />);
}

function BlockOf({ block, look }: { block: Block; look: Look }) {
  switch (block.kind) {
    case "heading":
    case "paragraph":
      return (
        <p dir="auto" className={block.kind === "heading" ? "markdown-heading" : undefined}>
          <Inlines inlines={block.children} look={look} />
        </p>
      );
    case "code":
      return (
        // Code reads from left to right in every language.
        <pre dir="ltr">
          {block.label && <span className="markdown-label">{block.label}</span>}
          <code>
            <Code text={block.text} look={look} />
          </code>
        </pre>
      );
    case "quote":
      return (
        <blockquote dir="auto">
          <Blocks blocks={block.children} look={look} />
        </blockquote>
      );
    case "list": {
      const List = block.isOrdered ? "ol" : "ul";
      return (
        // Without its own markers, Safari needs to be told that it is a list.
        <List role="list" dir="auto">
          {block.items.map(({ marker, children }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the items of a text never change places.
            <li key={index}>
              <span className="markdown-marker">{block.isOrdered ? marker : BULLET}</span>
              <div>
                <Blocks blocks={children} look={look} />
              </div>
            </li>
          ))}
        </List>
      );
    }
  }
}

const BULLET = "•";

function Inlines({ inlines, look }: { inlines: readonly Inline[]; look: Look }): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places.
  return inlines.map((inline, index) => <InlineOf key={index} inline={inline} look={look} />);
}

function InlineOf({ inline, look }: { inline: Inline; look: Look }) {
  if (inline.kind === "text") {
    const { name, find, findLinks } = look;
    return <TextParts parts={partsOf(inline.text, { name, find }, findLinks)} />;
  }
  if (inline.kind === "code")
    return (
      <code dir="ltr">
        <Code text={inline.text} look={look} />
      </code>
    );
  const Mark = inline.kind;
  return (
    <Mark>
      <Inlines inlines={inline.children} look={look} />
    </Mark>
  );
}

/** Code shows the matches of a search, and neither links nor names. */
function Code({ text, look }: { text: string; look: Look }) {
  return <TextParts parts={partsOf(text, { name: "", find: look.find })} />;
}

/** Copies the text with its marks if all of it is selected. */
function copyAsWritten(event: ClipboardEvent<HTMLElement>, text: string): void {
  const selected = getSelection()?.toString() ?? "";
  if (bare(selected) !== bare(event.currentTarget.textContent)) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", text);
}

/** Selected and shown texts differ in their spaces. */
function bare(text: string): string {
  return text.replace(/\s/g, "");
}
