/** Shown in place of messages if there are none. */
export function EmptyWall({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return <p className="my-auto py-12 text-center text-quiet">No matches in loaded messages.</p>;
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
