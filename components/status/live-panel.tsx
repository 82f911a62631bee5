import { count, short } from "#client/status/figures";
import { closedByReason, missedIn, postsByWay, refusedByReason } from "#client/status/live";
import type { LiveStatus, Status } from "#schema/status";

const KB = 1_000;

/** The live channel, in numbers since the rebuilder started. */
export function LivePanel({ live, status }: { live: LiveStatus; status: Status }) {
  const posts = postsByWay(status, live);
  const rows: [name: string, figure: string][] = [
    ["Open channels", count(live.sockets)],
    ["Frames sent", `${short(live.frames)} · ${short(live.bytes / KB)} KB`],
    ["Messages posted over the channel", count(posts.channel)],
    ["Messages posted over HTTP", count(posts.http)],
    ["Missed changes that a page reported", count(missedIn(live))],
    ["Closed", reasons(closedByReason(live))],
    ["Refused", reasons(refusedByReason(live))],
  ];
  return (
    <section className="panel mt-4" aria-labelledby="live-title">
      <h2 id="live-title" className="font-semibold">
        Live channel
      </h2>
      <p className="text-small text-quiet">
        Counted since the rebuilder started. Readers without a channel poll every 5 seconds.
      </p>
      <table className="bill">
        <tbody>
          {rows.map(([name, figure]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{figure}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function reasons(counts: readonly [string, number][]): string {
  if (counts.length === 0) return "none";
  return counts.map(([reason, times]) => `${count(times)} ${reason}`).join(", ");
}
