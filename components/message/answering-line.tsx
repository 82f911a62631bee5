import { BotGlyph } from "#components/ui/bot-glyph";

/** Below a message: the bot that is answering it. */
export function AnsweringLine({ name }: { name: string }) {
  return (
    <p className="answering">
      <BotGlyph />
      <span>
        <bdi className="font-semibold">{name}</bdi> is answering…
      </span>
    </p>
  );
}
