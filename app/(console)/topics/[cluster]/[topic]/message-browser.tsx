'use client';

import { parseAsString, useQueryState, useQueryStates } from 'nuqs';
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { formatBytes, formatCount, formatDuration, formatNoun, formatTime } from '#components/format.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { useNow } from '#components/relative-time.tsx';
import { SelectField, TextField } from '#components/text-field.tsx';
import { useTimeZone } from '#components/use-time-zone.ts';
import { type BrowseChoice, browseParsers, problemsOf, toInstant, toLocalTime } from './browse-query.ts';
import { MessagePanel } from './message-panel.tsx';
import { MessageTable } from './message-table.tsx';
import { type Messages, useMessages } from './use-messages.ts';

/** Messages by offset, time or key, newest or oldest first. Reads as nobody: no group is joined, nothing is committed. */
export function MessageBrowser({ cluster, topic, partitions }: { cluster: string; topic: string; partitions: number }): ReactNode {
  const [stored, store] = useQueryStates(browseParsers, { history: 'push' });
  const [opened, open] = useQueryState('m', parseAsString.withDefault('').withOptions({ history: 'replace' }));
  const [draft, setDraft] = useState<BrowseChoice>(stored);
  const [problems, setProblems] = useState<ReturnType<typeof problemsOf>>({});
  const messages = useMessages(cluster, topic);
  const zone = useTimeZone();
  const { read } = messages;

  // The URL is what is shown: also after "back".
  const wanted = JSON.stringify(stored);
  const last = useRef('');
  useEffect(() => {
    if (last.current === wanted) return;
    last.current = wanted;
    const choice = JSON.parse(wanted) as BrowseChoice;
    setDraft(choice);
    const found = problemsOf(choice);
    setProblems(found);
    if (Object.keys(found).length === 0) read(choice);
  }, [wanted, read]);

  const change = (part: Partial<BrowseChoice>) => setDraft((known) => ({ ...known, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = problemsOf(draft);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    if (JSON.stringify(draft) === wanted) read(draft);
    else void store(draft);
  };
  const filterError = messages.error?.code === 'filter-invalid' || messages.error?.code === 'filter-stopped' ? messages.error.message : null;
  const current = messages.items.find((message) => `${message.partition}@${message.offset}` === opened) ?? null;

  return (
    <>
      <form onSubmit={submit} aria-label="What to read" className="panel mb-3 grid grid-cols-2 items-start gap-3 p-3 md:grid-cols-4 xl:grid-cols-6">
        <SelectField label="Order" value={draft.order} onChange={(event) => change({ order: event.target.value as BrowseChoice['order'] })} options={[{ value: 'newest', label: 'Newest first' }, { value: 'oldest', label: 'Oldest first' }]} />
        <SelectField label="Starting" value={draft.from} onChange={(event) => change({ from: event.target.value as BrowseChoice['from'] })} options={[{ value: 'edge', label: draft.order === 'newest' ? 'at the end' : 'at the beginning' }, { value: 'offset', label: 'at an offset' }, { value: 'time', label: draft.order === 'newest' ? 'before a time' : 'at a time' }]} />
        {draft.from === 'offset' ? <TextField label="Offset" inputMode="numeric" value={draft.offset} error={problems.offset} onChange={(event) => change({ offset: event.target.value })} /> : null}
        {draft.from === 'time' ? <TextField label="Time" type="datetime-local" step={1} value={toLocalTime(draft.time, zone)} error={problems.time} onChange={(event) => change({ time: toInstant(event.target.value) })} /> : null}
        <TextField label="Partitions" placeholder="all" value={draft.partitions} error={problems.partitions} onChange={(event) => change({ partitions: event.target.value })} />
        <TextField label="Key" placeholder="any" value={draft.key} onChange={(event) => change({ key: event.target.value })} />
        <SelectField label="Transactions" value={draft.isolation} onChange={(event) => change({ isolation: event.target.value as BrowseChoice['isolation'] })} options={[{ value: 'committed', label: 'committed only' }, { value: 'all', label: 'also aborted and open' }]} />
        <div className="col-span-full">
          <TextField
            label="Filter"
            placeholder={'value.amount > 100 && headers["x"] == "y" && key.startsWith("a")'}
            className="font-mono text-xs"
            value={draft.filter}
            error={filterError}
            hint="CEL over key, value, headers, offset, partition and timestamp. JSON, Avro and Protobuf values have their fields; others are text."
            maxLength={2_000}
            onChange={(event) => change({ filter: event.target.value })}
          />
        </div>
        <div className="col-span-full flex flex-wrap items-center gap-2">
          <Button look="primary" type="submit" busy={messages.startedAt !== null}>
            Read messages
          </Button>
          {messages.startedAt === null ? null : <Running startedAt={messages.startedAt} onCancel={messages.cancel} searching={draft.filter.trim() !== '' || draft.key !== ''} />}
          <span className="text-xs text-muted">Read without a group: no offset is committed, no consumer is disturbed.</span>
        </div>
      </form>
      {messages.error !== null && filterError === null ? (
        <ProblemState title="The messages could not be read" id={messages.error.id}>
          {messages.error.message}
        </ProblemState>
      ) : null}
      {messages.answer && messages.answer.failures.length > 0 ? (
        <ProblemState severity="warning" title={`${formatNoun(messages.answer.failures.length, 'partition')} could not be read`}>
          {messages.answer.failures.slice(0, 3).map((failure) => `p${failure.partition}: ${failure.message}`).join(' ')} What the others hold is shown.
        </ProblemState>
      ) : null}
      <p aria-live="polite" className="mb-2 min-h-4 text-xs text-muted">
        {messages.answer ? sentence(messages, stored) : messages.startedAt === null ? '' : 'Reading…'}
      </p>
      {messages.answer && messages.items.length === 0 ? (
        <Nothing messages={messages} choice={stored} />
      ) : messages.items.length > 0 ? (
        <MessageTable messages={messages.items} severalPartitions={partitions > 1} opened={opened} onOpen={(message) => void open(`${message.partition}@${message.offset}`)} />
      ) : null}
      {messages.answer?.nextCursor ? (
        <div className="mt-3">
          <Button onClick={messages.goOn} busy={messages.startedAt !== null}>
            {messages.answer.stopped === 'limit' ? (stored.order === 'newest' ? 'Show older messages' : 'Show newer messages') : 'Go on searching'}
          </Button>
        </div>
      ) : null}
      {opened === '' ? null : <MessagePanel key={opened} cluster={cluster} topic={topic} coordinate={opened} row={current} onClose={() => void open(null)} />}
    </>
  );
}

function Running({ startedAt, onCancel, searching }: { startedAt: number; onCancel: () => void; searching: boolean }): ReactNode {
  const now = useNow();
  return (
    <>
      <Button onClick={onCancel}>Cancel</Button>
      <output className="text-xs text-muted">
        {searching ? 'Searching' : 'Reading'} for {formatDuration(Math.max(0, Math.floor((now - startedAt) / 1_000) * 1_000))}
      </output>
    </>
  );
}

/** What was read and why it stopped. */
function sentence({ answer, items }: Pick<Messages, 'answer' | 'items'>, choice: BrowseChoice): string {
  if (!answer) return '';
  const selective = choice.filter.trim() !== '' || choice.key !== '';
  const found = selective ? `${formatCount(items.length)} of ${formatNoun(answer.scanned, 'message')} match` : formatNoun(items.length, 'message');
  const failed = answer.failed > 0 && answer.firstError ? ` ${formatNoun(answer.failed, 'message')} could not be judged; the first, p${answer.firstError.partition}@${answer.firstError.offset}: ${answer.firstError.message}.` : '';
  const reach = answer.lastTimestamp === null ? '' : ` ${choice.order === 'newest' ? 'back' : 'up'} to ${formatTime(answer.lastTimestamp)}`;
  const why = {
    limit: '.',
    end: choice.order === 'newest' ? '; that is all back to the beginning.' : '; that is all up to the end.',
    time: `; stopped after ${formatDuration(answer.elapsedMs)}, having read${reach || ' on'}.`,
    bytes: `; stopped after ${formatBytes(answer.bytes)}, having read${reach || ' on'}.`,
    records: `; stopped after ${formatNoun(answer.scanned, 'message')}, having read${reach || ' on'}.`,
  }[answer.stopped];
  return `${found}${why}${failed}`;
}

function Nothing({ messages, choice }: { messages: Messages; choice: BrowseChoice }): ReactNode {
  const { answer } = messages;
  if (!answer) return null;
  const held = answer.ranges.reduce((sum, range) => sum + (BigInt(range.end) - BigInt(range.start)), 0n);
  if (choice.filter.trim() !== '' || choice.key !== '') {
    return (
      <EmptyState title="No message matches">
        {formatNoun(answer.scanned, 'message')} were read{answer.nextCursor ? '; there are more, go on searching' : ''}.{answer.failed > 0 && answer.firstError ? ` ${formatCount(answer.failed)} of them could not be judged: ${answer.firstError.message}.` : ''}
      </EmptyState>
    );
  }
  if (held === 0n) return <EmptyState title="The topic is empty">{answer.ranges.some((range) => range.end !== '0') ? 'Retention or compaction has taken every message; what is written next appears here.' : 'Nothing was ever written here. The first message appears when it is.'}</EmptyState>;
  return <EmptyState title="No message lies there">{choice.from === 'edge' ? 'Its offsets hold only transaction markers and aborted records.' : 'The place chosen is past the end of every partition, or before their beginning.'}</EmptyState>;
}
