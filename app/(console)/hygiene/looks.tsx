import type { ReactNode } from 'react';
import { formatCount, formatNoun } from '#components/format.ts';
import { Section } from '#components/page-header.tsx';
import { PlainTable } from '#components/plain-table.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import { describeKind } from '#lib/hygiene/describe-kind.ts';
import { FINDING_KINDS, type FindingKind } from '#lib/model/hygiene.ts';
import type { LookWire } from '#lib/operations/finding-shape.ts';
import type { Findings } from '#lib/operations/list-findings.ts';

const SUBJECTS: Partial<Record<FindingKind, string>> = { 'lost-correlation': 'topic or service', 'retry-storm': 'consumer', 'no-dead-letter-path': 'consumer', 'uninstrumented-hop': 'group', 'unread-dead-letters': 'dead-letter topic' };

/** What is looked for, when it was last looked at, and what could not be known: "nothing found" counts only where somebody looked. */
export function Looks({ looks, counts }: { looks: readonly LookWire[]; counts: Findings['counts'] }): ReactNode {
  const clusters = [...new Set(looks.map((look) => look.cluster))];
  return (
    <Section title="What is looked for" aside="what could not be looked at is unknown, not fine">
      <PlainTable label="What is looked for" className="min-w-[560px]" heads={['Kind', ...(clusters.length > 1 ? ['Cluster'] : []), 'Result', 'Looked at', 'Last look']}>
        {FINDING_KINDS.flatMap((kind) => {
          const own = looks.filter((look) => look.kind === kind);
          const of = (state: 'open' | 'muted') => counts.filter((one) => one.kind === kind && one.state === state).reduce((sum, one) => sum + one.count, 0);
          const rows = own.length === 0 ? [null] : own;
          return rows.map((look) => (
            <tr key={`${kind} ${look?.cluster ?? ''}`} className="align-top [&>td]:border-b [&>td]:border-line [&>td]:px-2.5 [&>td]:py-1.5">
              <td className="font-medium whitespace-nowrap">{describeKind(kind).title}</td>
              {clusters.length > 1 ? <td>{look?.cluster ?? '-'}</td> : null}
              <td>
                <Result look={look} open={of('open')} muted={of('muted')} several={clusters.length > 1} />
              </td>
              <td className="whitespace-nowrap">{look === null ? '-' : formatNoun(look.subjects, SUBJECTS[kind] ?? 'topic', SUBJECTS[kind] === 'topic or service' ? 'topics or services' : undefined)}</td>
              <td>
                <RelativeTime at={look?.lookedAt} none="never" />
              </td>
            </tr>
          ));
        })}
      </PlainTable>
    </Section>
  );
}

function Result({ look, open, muted, several }: { look: LookWire | null; open: number; muted: number; several: boolean }): ReactNode {
  if (look === null) return <Unknown why="nobody has looked yet" />;
  // Counts are of all clusters together: beside one of several they would say too much.
  const found = several ? [] : [open > 0 ? `${formatNoun(open, 'finding')} open` : null, muted > 0 ? `${formatCount(muted)} muted` : null].filter((part) => part !== null);
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      {found.length > 0 ? <span>{found.join(', ')}</span> : null}
      {look.unknown !== null ? <Unknown why={look.unknown} /> : look.subjects === 0 ? <Unknown why="there was nothing to look at in the last minutes" /> : several ? 'looked at' : found.length === 0 ? 'nothing found' : null}
    </span>
  );
}

function Unknown({ why }: { why: string }): ReactNode {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
      <StateChip state="unknown" />
      <span>{why}</span>
    </span>
  );
}
