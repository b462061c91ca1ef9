import type { ReactNode } from 'react';
import { formatCount, formatNoun } from '#components/format.ts';
import type { GroupChangeAnswer } from '#lib/operations/group-change-wire.ts';

type Planned = GroupChangeAnswer['partitions'][number];

const SHOWN = 200;

/** Each partition from where to where, and what that skips and repeats: the ones with the largest effect first. */
export function PlanTable({ partitions, forgets }: { partitions: readonly Planned[]; forgets: boolean }): ReactNode {
  if (partitions.length === 0) return null;
  const shown = partitions.toSorted((a, b) => Number(effectOf(b) - effectOf(a))).slice(0, SHOWN);
  return (
    <>
      {/* Focusable because it scrolls: a keyboard must reach its end. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section className="max-h-72 overflow-auto rounded-md border border-line" tabIndex={0} aria-label="Effect on each partition">
        <table className="w-full min-w-[520px] text-left text-xs">
          <thead className="sticky top-0 bg-raised text-muted">
            <tr className="border-b border-line">
              <th className="px-3 py-1.5 font-medium">Partition</th>
              <th className="px-3 py-1.5 text-right font-medium">From</th>
              <th className="px-3 py-1.5 text-right font-medium">To</th>
              <th className="px-3 py-1.5 text-right font-medium">{forgets ? 'Skipped by latest' : 'Skipped'}</th>
              <th className="px-3 py-1.5 text-right font-medium">{forgets ? 'Repeated by earliest' : 'Repeated'}</th>
            </tr>
          </thead>
          <tbody className="tabular-nums">
            {shown.map((row) => (
              <tr key={`${row.topic}:${row.partition}`} className="border-b border-line last:border-0 align-top">
                <td className="px-3 py-1.5 [overflow-wrap:anywhere]">
                  {row.topic} p{row.partition}
                  {row.failure ? <p className="text-bad-ink">{row.failure}</p> : row.note ? <p className="text-muted">{row.note}</p> : null}
                </td>
                <td className="px-3 py-1.5 text-right">{row.from === null ? <span className="text-muted">no commit</span> : formatCount(BigInt(row.from))}</td>
                <td className="px-3 py-1.5 text-right">{row.to === null ? <span className="text-muted">{forgets ? 'forgotten' : 'as it is'}</span> : formatCount(BigInt(row.to))}</td>
                <td className="px-3 py-1.5 text-right">{count(row.skipped)}</td>
                <td className="px-3 py-1.5 text-right">{count(row.repeated)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="mt-1 text-xs text-muted">
        {partitions.length > SHOWN ? `${formatNoun(partitions.length - SHOWN, 'partition')} with a smaller effect not shown, counted all the same. ` : ''}Records are counted in offsets: gaps of transactions and compaction are in it.
      </p>
    </>
  );
}

function count(figure: string | null): ReactNode {
  return figure === null ? <span className="text-muted" title="The group had no commit here.">unknown</span> : formatCount(BigInt(figure));
}

function effectOf(row: Planned): bigint {
  return BigInt(row.skipped ?? 0) + BigInt(row.repeated ?? 0);
}
