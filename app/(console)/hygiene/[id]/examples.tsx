import Link from 'next/link';
import type { ReactNode } from 'react';
import { EmptyState } from '#components/empty-state.tsx';
import { links } from '#components/links.ts';
import { Section } from '#components/page-header.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { coordinateText } from '#lib/model/hygiene.ts';
import type { FindingWire } from '#lib/operations/finding-shape.ts';

/** Records that show it, each with the ways to its content and its journey. Masking rules hold there, as everywhere. */
export function Examples({ finding }: { finding: FindingWire }): ReactNode {
  if (finding.examples.length === 0) {
    return (
      <Section title="Examples">
        <EmptyState title="There are no records to show.">What was found is told by what is not there: its figures are above.</EmptyState>
      </Section>
    );
  }
  return (
    <Section title="Examples" aside="the newest; older ones may have left the log">
      <ul aria-label="Examples" className="panel divide-y divide-line">
        {finding.examples.map((example) => (
          <li key={`${example.note} ${example.records.map(coordinateText).join()}`} className="px-4 py-2.5">
            <p className="[overflow-wrap:anywhere]">{example.note}</p>
            {example.before !== null && example.after !== null ? (
              <p className="mt-0.5 text-xs [overflow-wrap:anywhere]">
                <span className="text-muted">before </span>
                <code>{example.before}</code>
                <span className="text-muted"> after </span>
                <code>{example.after}</code>
              </p>
            ) : null}
            {example.records.length === 0 ? null : (
              <ul aria-label="Records" className="mt-1.5 flex flex-col gap-1 text-xs">
                {example.records.map((record) => (
                  <li key={coordinateText(record)} className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
                    <code className="[overflow-wrap:anywhere]">{coordinateText(record)}</code>
                    {record.at === null ? null : <RelativeTime at={record.at} className="text-muted" />}
                    <Link className="text-accent-ink underline underline-offset-2" prefetch={false} href={links.topic(finding.cluster, record.topic, { m: `${record.partition}@${record.offset}` })}>
                      Open the record<span className="sr-only"> {coordinateText(record)}</span>
                    </Link>
                    <Link className="text-accent-ink underline underline-offset-2" prefetch={false} href={links.findJourney(coordinateText(record))}>
                      Find its journey<span className="sr-only"> {coordinateText(record)}</span>
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
