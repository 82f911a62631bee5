import { describe, expect, test } from "vitest";
import type { Comment } from "#schema/comment";
import { makeId } from "#schema/id";
import { countUnread, ReadMark } from "./read-mark";

const idOf = (timestamp: number) => makeId(timestamp, "0000000000");
const COMMENTS = [10, 20, 30, 40].map((timestamp) => ({ id: idOf(timestamp) }) as Comment);

describe("unread messages", () => {
  const unread = (readId: string | null, own: number[] = []) =>
    countUnread(COMMENTS, readId, (id) => own.map(idOf).includes(id));

  test("is what came after the newest that was read, which itself is read", () => {
    expect(unread(idOf(20))).toBe(2);
    expect(unread(idOf(40))).toBe(0);
  });

  test("is not what one wrote oneself", () => {
    expect(unread(idOf(10), [30])).toBe(2);
  });

  test("is nothing before anything was read", () => {
    expect(unread(null)).toBe(0);
  });

  test("is told also when what was read is held no more", () => {
    expect(unread(idOf(25))).toBe(2);
  });
});

test("a page that first shows the wall of an earlier visit does not take the mark back", () => {
  const mark = new ReadMark();
  mark.restore(idOf(40));
  mark.read(idOf(20));
  expect(mark.snapshot().readId).toBe(idOf(40));
});

describe("the line before what is new", () => {
  test("stands after what was read when the reader left, and stays there while the reader reads on", () => {
    const mark = new ReadMark();
    mark.read(idOf(2));
    expect(mark.snapshot().lineId).toBeNull();
    mark.leave();
    mark.read(idOf(4));
    expect(mark.snapshot()).toEqual({ readId: idOf(4), lineId: idOf(2) });
  });

  test("is where an earlier visit left off, until the reader writes", () => {
    const mark = new ReadMark();
    mark.restore(idOf(1));
    expect(mark.snapshot()).toEqual({ readId: idOf(1), lineId: idOf(1) });
    mark.catchUp();
    expect(mark.snapshot()).toEqual({ readId: idOf(1), lineId: null });
  });
});
