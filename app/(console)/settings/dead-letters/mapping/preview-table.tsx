import Link from 'next/link';
import type { ReactNode } from 'react';
import { formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import type { MappingPreview } from '#lib/operations/preview-header-mapping.ts';

type Reading = MappingPreview['records'][number]['now'];

const SHOWN = 20;
const TH = 'h-8 border-b border-line px-2.5 text-left font-medium whitespace-nowrap text-muted';

const unknown = <span className="whitespace-nowrap text-unknown-ink italic">unknown</span>;

const COLUMNS: readonly { head: string; of: (reading: Reading) => string | null }[] = [
  { head: 'Origin', of: ({ origin }) => (origin.topic === null ? null : `${origin.topic}${origin.partition === null ? '' : ` p${origin.partition}`}${origin.offset === null ? '' : `@${origin.offset}`}`) },
  { head: 'Group', of: ({ origin }) => origin.consumerGroup },
  { head: 'Class', of: ({ error }) => error.class },
  { head: 'Message', of: ({ error }) => error.message },
  { head: 'Stack', of: ({ error }) => (error.hasStack ? 'yes' : null) },
  { head: 'Attempts', of: ({ attempts }) => (attempts === null ? null : formatCount(attempts)) },
  { head: 'Correlation id', of: ({ correlationId }) => correlationId },
];

/** What is read of each record with the mapping; what changes by it stands out, with what was read before on hover. */
export function PreviewTable({ preview }: { preview: MappingPreview }): ReactNode {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, so a keyboard must reach it
    <section tabIndex={0} aria-label="Records as they would be read, scrollable" className="panel relative scroll-x">
      <table aria-label="Records as they would be read" className="w-full min-w-[1040px] border-separate border-spacing-0 text-xs">
        <thead>
          <tr>
            <th scope="col" className={TH}>Record</th>
            <th scope="col" className={TH}>Recognised</th>
            {COLUMNS.map(({ head }) => (
              <th key={head} scope="col" className={TH}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.records.slice(0, SHOWN).map((record) => (
            <tr key={`${record.partition}@${record.offset}`} className="[&>td]:border-b [&>td]:border-line [&>td]:px-2.5 [&>td]:py-1.5 [&>td]:align-top">
              <td className="font-mono whitespace-nowrap">
                {record.id === null ? (
                  `p${record.partition}@${record.offset}`
                ) : (
                  <Link href={links.deadLetter(record.id)} prefetch={false} className="text-accent-ink hover:underline">
                    p{record.partition}@{record.offset}
                  </Link>
                )}
              </td>
              <td className="whitespace-nowrap">{record.mapped.dialect === 'configured' ? 'by this mapping' : record.mapped.dialect === null ? <span className="text-muted">not</span> : <span className="text-muted">as {record.mapped.dialect}</span>}</td>
              {COLUMNS.map(({ head, of }) => {
                const now = of(record.now);
                const mapped = of(record.mapped);
                return (
                  <td key={head} className={`max-w-72 min-w-20 [overflow-wrap:anywhere] ${now === mapped ? '' : 'bg-flight-soft'}`} title={now === mapped ? undefined : `now: ${now ?? 'unknown'}`}>
                    <span className="line-clamp-2">{mapped ?? unknown}</span>
                    {now === mapped ? null : <span className="sr-only"> changed, now {now ?? 'unknown'}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
