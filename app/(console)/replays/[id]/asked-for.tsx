import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import type { WireSelectedLetter } from '#lib/operations/list-replay-selection.ts';
import { shortClass } from '../../dead-letters/filter.ts';

/** The dead letters of a replay that waits for a second person: what would be sent. */
export function AskedFor({ letters, total }: { letters: readonly WireSelectedLetter[]; total: number | null }): ReactNode {
  if (letters.length === 0) return <p className="text-muted">No dead letter matches the selection any more: approving it is refused.</p>;
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, so a keyboard must reach it */}
      <section tabIndex={0} aria-label="Dead letters asked for" className="panel overflow-x-auto">
        <table className="w-full text-left text-xs">
          <thead className="text-muted">
            <tr>
              {['Dead letter', 'Error', 'Came from', 'Correlation id', 'Replayed before'].map((name) => (
                <th key={name} scope="col" className="border-b border-line px-2.5 py-1.5 font-medium whitespace-nowrap">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {letters.map((one) => (
              <tr key={one.deadLetterId} className="align-top">
                <td className="border-b border-line px-2.5 py-1.5 font-mono whitespace-nowrap">
                  <Link href={links.deadLetter(one.deadLetterId)} prefetch={false} className="text-accent-ink hover:underline">
                    {one.deadLetterId}
                  </Link>
                </td>
                <td className="min-w-56 border-b border-line px-2.5 py-1.5 [overflow-wrap:anywhere]">{[one.errorClass === null ? null : shortClass(one.errorClass), one.errorMessage].filter(Boolean).join(': ') || 'not conveyed'}</td>
                <td className="border-b border-line px-2.5 py-1.5 [overflow-wrap:anywhere]">{one.originTopic ?? 'unknown'}</td>
                <td className="border-b border-line px-2.5 py-1.5 [overflow-wrap:anywhere]">{one.correlationId ?? '-'}</td>
                <td className="border-b border-line px-2.5 py-1.5">{one.generation === 0 ? 'no' : `${formatCount(one.generation)} times`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {total !== null && total > letters.length ? <p className="mt-2 text-xs text-muted">The first {formatCount(letters.length)} of {formatCount(total)}, in the order they would be sent.</p> : null}
    </>
  );
}
