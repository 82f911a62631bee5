/** Shown on a wall without messages. */
export function EmptyWall() {
  return (
    <div className="my-auto py-12 text-center">
      <p className="invitation">
        Say <span className="text-tint">what</span> you want.
      </p>
      <p className="mx-auto mt-3 max-w-96 text-quiet">
        No messages yet. Write the first one: no account or name needed.
      </p>
    </div>
  );
}
