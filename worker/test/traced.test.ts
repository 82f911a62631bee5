/** What the logs tell of one request, in all that it passes through. */
import { expect, onTestFinished, test, vi } from "vitest";
import { Rebuilder } from "#worker/writer/writer";
import { ADMIN, newWall } from "./wall";

test("a request's id is in what entrypoint and rebuilder log of it", async () => {
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

  // The rebuilder fails the call: it says so, and so does the entrypoint that asked.
  vi.spyOn(Rebuilder.prototype, "remove").mockRejectedValueOnce(new Error("broken"));
  await wall.tryRemove(comment.id, {}, { ...ADMIN, request: "ray-2" });
  expect(logged("ray-2")).toEqual([
    { event: "call failed", wall: wall.name, call: "remove" },
    { event: "rebuilder away", wall: wall.name },
  ]);
});
