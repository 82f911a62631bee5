/** Log lines of one request in all parts that handle it. */
import { expect, onTestFinished, test, vi } from "vitest";
import { Writer } from "#worker/writer/writer";
import { ADMIN, newWall } from "../wall";

test("entrypoint and rebuilder log a request's id", async () => {
  const wall = newWall();
  const lines = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => lines.mockRestore());
  const logged = (request: string) =>
    lines.mock.calls
      .map(([line]) => JSON.parse(String(line)))
      .filter((line) => line.request === request)
      .map(({ event, wall, call }) => ({ event, wall, call }));

  const comment = await wall.post({ text: "taken down" });
  await wall.tryRemove(comment.id, {}, { ...ADMIN, request: "ray-1" });
  expect(logged("ray-1")).toEqual([{ event: "call", wall: wall.name, call: "remove" }]);

  // The rebuilder fails the call, so both it and the calling entrypoint log it.
  vi.spyOn(Writer.prototype, "remove").mockRejectedValueOnce(new Error("broken"));
  await wall.tryRemove(comment.id, {}, { ...ADMIN, request: "ray-2" });
  expect(logged("ray-2")).toEqual([
    { event: "call failed", wall: wall.name, call: "remove" },
    { event: "rebuilder away", wall: wall.name },
  ]);
});
