/** A wall that nobody has written on. */
export function EmptyWall() {
  return (
    <div className="my-auto py-12 text-center">
      <p className="invitation">
        Say <span className="text-tint">what</span> you want.
      </p>
      <p className="mx-auto mt-3 max-w-96 text-quiet">
        Nobody has written here yet. No account, no name needed: the first words can be yours.
      </p>
    </div>
  );
}
