import Link from 'next/link';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { pageContext } from '#app/page-context.ts';
import { listArchives } from '#lib/operations/list-archives.ts';
import { listDeadLetterFacets, listDeadLetters } from '#lib/operations/list-dead-letters.ts';
import { listFailures, type FailureWire } from '#lib/operations/list-failures.ts';
import { findReplayRule, listRuleStates } from '#lib/operations/list-replay-rules.ts';
import { listSavedFilters } from '#lib/operations/list-saved-filters.ts';
import { whyNoValueSearch } from '#lib/operations/search-values.ts';
import { readDeadLetterTopics } from '#lib/operations/read-dead-letter-topics.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatAge, formatCount, formatNoun } from '#components/format.ts';
import { links, withQuery } from '#components/links.ts';
import { LiveRefresh } from '#components/live.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { Facets } from './facets.tsx';
import { FailureCards } from './failure-cards.tsx';
import { FilterBar } from './filter-bar.tsx';
import { isFiltered, type Filter } from './filter.ts';
import { ProposedTopics } from './proposed-topics.tsx';
import { readFilter } from './read-filter.ts';
import { Rows } from './rows.tsx';
import { RulePanel } from './rule-panel.tsx';
import { SavedFilters } from './saved-filters.tsx';
import { ValueSearch, ValueSearchBox } from './value-search.tsx';

export const metadata: Metadata = { title: 'Dead letters' };

const ORDER: Record<FailureWire['state'], number> = { regressed: 0, new: 1, replaying: 2, watched: 3, quiet: 4, muted: 5 };

export default async function DeadLettersPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, config, principal, now } = await pageContext('viewer');
  const search = await searchParams;
  const filter = readFilter(search);
  const value = readValue(search['value']);
  const rowsView = search['view'] === 'rows' || isFiltered(filter) || value !== null;
  const replayRefused = principal.role === 'viewer' ? `Replaying needs the role operator; you have the role ${principal.role}.` : null;

  const saveRefused = principal.role === 'viewer' ? `Saving a filter needs the role operator; you have the role ${principal.role}.` : null;
  const editRefused = principal.role === 'viewer' ? `Changing a failure needs the role operator; you have the role ${principal.role}.` : null;

  const [failures, topics, archiving, rules] = await Promise.all([
    listFailures(store, { limit: 200, ...(filter.cluster ? { cluster: filter.cluster } : {}), ...(filter.failure ? { id: filter.failure } : {}) }, now, config.retentionDays.bodies),
    readDeadLetterTopics(store, filter.cluster),
    listArchives(store, { open: 'true', limit: 3 }),
    listRuleStates(store),
  ]);
  const ruled = new Map(rules.map((rule) => [rule.failureId, rule.state]));
  const sorted = failures.items.toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || b.lastSeenAt.localeCompare(a.lastSeenAt));
  const muted = sorted.filter((failure) => failure.state === 'muted');
  const failing = topics.filter((topic) => topic.error !== null);
  const none = topics.length === 0 && failures.items.length === 0;

  return (
    <>
      <LiveRefresh kinds={['dead-letters', 'replays']} />
      <PageHeader title="Dead letters" verdict={verdict(sorted, topics.length, filter, now)} />
      <ProposedTopics store={store} cluster={filter.cluster} />
      {failing.length > 0 ? (
        <ProblemState severity="warning" title={`${formatNoun(failing.length, 'dead-letter topic')} can't be read at the moment`}>
          {failing.slice(0, 5).map((topic) => (
            <p key={`${topic.cluster} ${topic.name}`}>
              {topic.name}: {topic.error}
            </p>
          ))}
          <p>What was read before stays below; reading goes on from there as soon as the broker answers.</p>
        </ProblemState>
      ) : null}
      {archiving.items.map((one) => (
        <section key={one.id} aria-label="Archiving under way" className="panel mb-4 px-4 py-2.5">
          <p>
            <span className="font-medium">
              {one.verb === 'archive' ? 'Archiving' : 'Taking out of the archive'}: {formatCount(one.counts.changed)} of {formatNoun(one.counts.selected, 'dead letter')}.
            </span>{' '}
            <span className="text-muted [overflow-wrap:anywhere]">
              Asked for by {one.createdBy}: {one.reason}
            </span>
          </p>
          <progress aria-label="How far it is" className="mt-1 h-1.5 w-full accent-accent" value={one.counts.changed + one.counts.skippedReplaying + one.counts.skippedSettled} max={Math.max(1, one.counts.selected)} />
        </section>
      ))}
      {none ? (
        <EmptyState title="No dead-letter topics found yet.">
          <p>
            Waybill reads topics whose names look like dead letters (<code>*-dlt</code>, <code>*.DLT</code>, <code>*-dlq</code>, <code>dead-letter*</code>, <code>error.*</code> …) without joining a group. Name yours with{' '}
            <code>WAYBILL_DLQ_TOPICS=&apos;my-topic,other-*&apos;</code> or <code>deadLetters.topics</code> in <code>waybill.config.yaml</code>.
          </p>
        </EmptyState>
      ) : (
        <>
          <nav aria-label="View" className="mb-3 flex gap-1 border-b border-line">
            <ViewLink href={links.deadLetters({ cluster: filter.cluster })} here={!rowsView} label={`Failures ${formatCount(filter.failure ? null : failures.items.length).replace('unknown', '')}`} />
            <ViewLink href={links.deadLetters({ cluster: filter.cluster, view: 'rows' })} here={rowsView} label="All rows" />
          </nav>
          {rowsView ? (
            <RowsView filter={filter} failure={filter.failure ? (sorted[0] ?? null) : null} replayRefused={replayRefused} />
          ) : sorted.length === 0 ? (
            <EmptyState title="No dead letters. Nothing has failed for good.">
              {formatNoun(topics.length, 'dead-letter topic')} {topics.length === 1 ? 'is' : 'are'} being read; what arrives appears here within a second or two.
            </EmptyState>
          ) : (
            <>
              <FailureCards failures={sorted.filter((failure) => failure.state !== 'muted')} rules={ruled} replayRefused={replayRefused} editRefused={editRefused} />
              {muted.length > 0 ? (
                <details className="mb-4">
                  <summary className="mb-2 text-muted">
                    {formatNoun(muted.length, 'muted failure')} with {formatNoun(muted.reduce((sum, failure) => sum + failure.count, 0), 'dead letter')}
                  </summary>
                  <FailureCards failures={muted} rules={ruled} replayRefused={replayRefused} editRefused={editRefused} label="Muted failures" />
                </details>
              ) : null}
            </>
          )}
        </>
      )}
    </>
  );

  async function RowsView({ filter: by, failure, replayRefused: refused }: { filter: Filter; failure: FailureWire | null; replayRefused: string | null }): Promise<ReactNode> {
    const [page, facets, saved] = await Promise.all([listDeadLetters(store, { ...by, limit: 200 }), listDeadLetterFacets(store, by), listSavedFilters(store)]);
    return (
      <>
        {failure ? <FailureCards failures={[failure]} replayRefused={refused} editRefused={editRefused} alone /> : null}
        {failure ? <RulePanel failure={failure} rule={await findReplayRule(store, failure.id, now)} refused={editRefused} /> : null}
        <div className="flex flex-wrap items-start gap-x-4">
          <div className="min-w-0 flex-1 basis-full sm:basis-0">
            <div className="flex flex-wrap gap-x-2">
              <FilterBar filter={by} value={value} />
              <ValueSearchBox key={value ?? ''} filter={by} value={value} refused={whyNoValueSearch(config.valueSearch, principal.role)} />
            </div>
            <SavedFilters saved={saved.items} filter={by} refused={saveRefused} />
          </div>
          {/* A download, not a page: the router must not fetch it. */}
          <a href={withQuery('/api/v1/dead-letters/export', by)} download className="mb-3 flex h-8 items-center text-accent-ink underline underline-offset-2">
            Export as JSON Lines
          </a>
        </div>
        <div className="grid gap-4 lg:grid-cols-[13rem_minmax(0,1fr)]">
          <Facets facets={facets} filter={by} value={value} />
          {value === null ? (
            <Rows key={JSON.stringify(by)} rows={page.items} nextCursor={page.nextCursor} total={page.total} filter={by} replayRefused={refused} now={now.toISOString()} />
          ) : (
            <ValueSearch key={JSON.stringify([by, value])} filter={by} value={value} replayRefused={refused} now={now.toISOString()} />
          )}
        </div>
      </>
    );
  }
}

/** The text of a search in values, where it is long enough to be one. */
function readValue(param: string | string[] | undefined): string | null {
  const text = (Array.isArray(param) ? param[0] : param)?.trim() ?? '';
  return text.length < 2 ? null : text.slice(0, 200);
}

function ViewLink({ href, here, label }: { href: string; here: boolean; label: string }): ReactNode {
  return (
    <Link
      href={href}
      prefetch={false}
      aria-current={here ? 'page' : undefined}
      className={`-mb-px flex h-9 items-center border-b-2 px-3 outline-offset-[-2px] ${here ? 'border-accent font-medium text-ink' : 'border-transparent text-muted hover:text-ink'}`}
    >
      {label}
    </Link>
  );
}

/** The answer of the screen in one sentence. */
function verdict(failures: readonly FailureWire[], topics: number, filter: Filter, now: Date): string {
  if (topics === 0 && failures.length === 0) return 'Nothing is read yet.';
  const open = failures.filter((failure) => failure.state === 'new' || failure.state === 'regressed');
  const waiting = open.reduce((sum, failure) => sum + (failure.states['new'] ?? 0) + (failure.states['failed-again'] ?? 0) + (failure.states['parked'] ?? 0), 0);
  const newest = failures.reduce<string | null>((latest, failure) => (latest === null || failure.lastSeenAt > latest ? failure.lastSeenAt : latest), null);
  const age = newest === null ? null : now.getTime() - new Date(newest).getTime();
  const last = age === null ? 'None has ever arrived.' : age < 1_000 ? 'The last one arrived just now.' : `The last one arrived ${formatAge(age)} ago.`;
  if (open.length === 0) return filter.failure ? `Nothing of this failure waits for a person. ${last}` : `No dead letter waits for a person. ${last}`;
  const regressed = open.filter((failure) => failure.state === 'regressed').length;
  const causes = filter.failure ? '' : ` from ${open.length === 1 ? 'one cause' : `${formatCount(open.length)} causes`}`;
  return `${formatNoun(waiting, 'dead letter')} ${waiting === 1 ? 'waits' : 'wait'} for a person${causes}${regressed > 0 ? `, ${formatCount(regressed)} of them back after a replay had worked` : ''}. ${last}`;
}
