'use client';

import { useRouter } from 'next/navigation';
import { useRef, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ApiError, callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatBytes, formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextArea, TextField } from '#components/text-field.tsx';
import type { WireDryRun, WireReplayDetail } from '#lib/operations/replay-wire.ts';
import { AT_LEAST_ONCE_LABEL } from './at-least-once.ts';
import { DryRunFacts } from './dry-run-facts.tsx';
import { AT_ONCE, startError, StartFields, startOf } from './start-fields.tsx';
import { useDryRun } from './use-dry-run.ts';

export type ReplaySelection = { ids: (string | { id: string; generation: number })[] } | { filter: Record<string, string> };

interface ReplayDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  selection: ReplaySelection;
}

const LOOK_AFTER_MS = 400;
const LISTED_REFUSALS = 6;

/** What will be sent, where, how: asked of the broker before anything is sent. It sends on the button with the number, never before. */
export function ReplayDialog({ open, onOpenChange, selection }: ReplayDialogProps): ReactNode {
  return open ? <OpenDialog onOpenChange={onOpenChange} selection={selection} /> : null;
}

function OpenDialog({ onOpenChange, selection }: Omit<ReplayDialogProps, 'open'>): ReactNode {
  const router = useRouter();
  const [frozen] = useState(selection); // a list that refreshes behind the dialog must not change what it is about
  const [again, setAgain] = useState<Record<string, number>>({});
  const [target, setTarget] = useState('');
  const [partitioning, setPartitioning] = useState<'origin' | 'key'>('origin');
  const [rate, setRate] = useState('');
  const [canary, setCanary] = useState('');
  const [start, setStart] = useState(AT_ONCE);
  const [reason, setReason] = useState('');
  const [overrideParked, setOverrideParked] = useState(false);
  const [sending, setSending] = useState<{ busy: boolean; error: ApiError | null }>({ busy: false, error: null });
  const [asked, setAsked] = useState(false);
  const key = useRef({ body: '', key: '' });

  const chosen = withGenerations(frozen, again);
  const what = JSON.stringify({ selection: chosen, ...(target.trim() ? { target: target.trim() } : {}), partitioning, overrideParked });
  const look = useDryRun('/api/v1/replays', what, LOOK_AFTER_MS);

  const { run } = look;
  const looking = look.of !== what;
  const partly = run !== null && run.examined < run.selected;
  const sendable = run === null ? null : partly ? run.selected : run.sendable;
  const topics = run === null ? [] : [...new Set(run.destinations.map((one) => one.topic))];
  const to = topics.length === 1 ? topics[0]! : formatNoun(topics.length, 'topic');
  const label = sendable === null ? 'Replay' : `${run?.awaitsApproval ? 'Ask to replay' : 'Replay'} ${partly ? 'up to ' : ''}${formatNoun(sendable, 'record')}${topics.length > 0 ? ` to ${to}` : ''}`;
  const rateError = rate !== '' && !/^[1-9]\d{0,5}$/.test(rate) ? 'A whole number from 1 to 999,999, or empty for as fast as it goes.' : null;
  const canaryError = canary !== '' && !/^[1-9]\d{0,5}$/.test(canary) ? 'A whole number from 1 to 999,999, or empty to send all at once.' : null;
  const reasonError = asked && reason.trim().length < 3 ? 'Say why in a few words: it is kept with the replay and in the audit trail.' : null;
  const cannot = looking
    ? 'Waybill is still asking the broker.'
    : look.error
      ? 'Waybill could not find out what would be sent.'
      : run?.targets.some((one) => one.writable === false)
        ? 'Waybill may not write to the target.'
        : sendable === 0
          ? 'None of these records can be sent.'
          : (rateError ?? canaryError ?? startError(start));
  // Without the rights for transactions there is one way left, and its button says what it costs.
  const fallback = run !== null && run.modeReason !== null;

  async function send(): Promise<void> {
    setAsked(true);
    if (reason.trim().length < 3) return;
    setSending({ busy: true, error: null });
    const body = { ...(JSON.parse(what) as object), reason: reason.trim(), ...(fallback ? { mode: 'at-least-once' } : {}), ...(rate ? { rate: Number(rate) } : {}), ...(canary ? { canary: Number(canary) } : {}), ...startOf(start) };
    const text = JSON.stringify(body);
    // A second click, or a retry after a lost answer, is the same replay; a changed one is a new one.
    if (key.current.body !== text) key.current = { body: text, key: `${Date.now()}-${Math.random().toString(36).slice(2)}` };
    try {
      const replay = await callApi<WireReplayDetail>('POST', '/api/v1/replays', body, { headers: { 'idempotency-key': key.current.key } });
      router.push(links.replay(replay.id));
    } catch (error) {
      setSending({ busy: false, error: error as ApiError });
    }
  }

  const replayedBefore = run?.refusals.filter((one) => one.code === 'already-replayed') ?? [];
  return (
    <Dialog
      open
      onOpenChange={onOpenChange}
      wide
      title={run === null ? 'Replay' : `Replay ${formatNoun(run.selected, 'dead letter')}`}
      description={'filter' in frozen ? `All that match ${describeFilter(frozen.filter)}, as of now: what arrives later is not part of it.` : `${formatNoun(frozen.ids.length, 'chosen record')}.`}
      actions={
        <>
          <p className="mr-auto min-w-0 flex-1 basis-64 self-center text-xs text-muted">{promise(run, sendable, partly, to)}</p>
          <Button onClick={() => onOpenChange(false)}>Close</Button>
          <Button look={fallback ? 'plain' : 'primary'} className="h-auto! min-h-8 shrink! whitespace-normal!" busy={sending.busy} disabledReason={cannot} onClick={() => void send()}>
            {`${fallback ? `${run?.awaitsApproval ? 'Ask first. ' : ''}${AT_LEAST_ONCE_LABEL}` : label}${start.at === '' ? '' : ` at ${start.at.replace('T', ' ')}`}`}
          </Button>
        </>
      }
    >
      {look.error ? (
        <ProblemState title="What would be sent is not known" id={look.error.id}>
          {look.error.message}
        </ProblemState>
      ) : null}
      {sending.error ? (
        <ProblemState title="The replay was not started" id={sending.error.id}>
          {sending.error.message}
        </ProblemState>
      ) : null}
      {run?.modeReason ? (
        <ProblemState title="Exactly once is not possible with the rights Waybill has">{run.modeReason} Grant Write and Describe on the transactional id and Read on the group, both with the prefix waybill-replay-, or send without transactions: after a crash a record can appear twice.</ProblemState>
      ) : null}
      {run?.awaitsApproval ? <ProblemState severity="warning" title="A second person has to approve this before anything is sent. It lapses where nobody does in time." /> : null}
      {run?.warnings.map((warning) => (
        <ProblemState key={warning} severity="warning" title={warning} />
      ))}

      <div className="grid gap-x-8 gap-y-5 md:grid-cols-2 md:grid-rows-[auto_1fr]" aria-busy={looking}>
        <section>
          <h3 className="mb-2 font-semibold">What</h3>
          {run === null ? (
            <p className="text-muted">{looking ? 'Asking the broker what would happen…' : 'unknown'}</p>
          ) : (
            <>
              <p>
                {formatNoun(run.sendable, 'record')} can be sent{run.examined - run.sendable > 0 ? `, ${formatCount(run.examined - run.sendable)} cannot` : ''}
                {partly ? ` (of the first ${formatCount(run.examined)} looked at)` : ''}.
              </p>
              {run.refusals.length > 0 ? (
                <ul aria-label="Records that cannot be sent" className="mt-2 divide-y divide-line rounded-md border border-line">
                  {run.refusals.slice(0, LISTED_REFUSALS).map((one) => (
                    <li key={one.deadLetterId} className="px-3 py-1.5">
                      <span className="font-mono text-xs text-muted">{one.deadLetterId}</span> {one.text}
                    </li>
                  ))}
                  {run.examined - run.sendable > LISTED_REFUSALS ? (
                    <li className="px-3 py-1.5 text-muted">
                      and {formatCount(run.examined - run.sendable - LISTED_REFUSALS)} more:{' '}
                      {Object.entries(run.refusalCounts)
                        .map(([code, count]) => `${formatCount(count)} ${code.replaceAll('-', ' ')}`)
                        .join(', ')}{' '}
                      in all
                    </li>
                  ) : null}
                </ul>
              ) : null}
              {'ids' in frozen && replayedBefore.length > 0 ? (
                <div className="mt-2">
                  <Button small onClick={() => setAgain((before) => ({ ...before, ...Object.fromEntries(replayedBefore.map((one) => [one.deadLetterId, one.generation])) }))}>
                    Send {replayedBefore.length === 1 ? 'the one' : `the ${formatCount(replayedBefore.length)}`} replayed before once more
                  </Button>
                </div>
              ) : null}
              {(run.refusalCounts['parked'] ?? 0) > 0 || overrideParked ? (
                <label className="mt-2 flex items-start gap-2">
                  <input type="checkbox" className="mt-1" checked={overrideParked} onChange={(event) => setOverrideParked(event.target.checked)} />
                  Send parked records too: they failed after three replays
                </label>
              ) : null}
            </>
          )}
        </section>

        <section className="md:col-start-2 md:row-span-2 md:row-start-1">
          <h3 className="mb-2 font-semibold">Where</h3>
          {run && run.destinations.length > 0 ? (
            <table className="mb-2 w-full text-left text-xs">
              <thead className="text-muted">
                <tr>
                  <th className="py-1 font-medium">Topic</th>
                  <th className="py-1 text-right font-medium">Partition</th>
                  <th className="py-1 text-right font-medium">Records</th>
                </tr>
              </thead>
              <tbody>
                {run.destinations.slice(0, 12).map((one) => (
                  <tr key={`${one.topic} ${one.partition}`} className="border-t border-line">
                    <td className="py-1 [overflow-wrap:anywhere]">{one.topic}</td>
                    <td className="py-1 text-right">{one.partition}</td>
                    <td className="py-1 text-right">{formatCount(one.records)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : null}
          {run && run.destinations.length > 12 ? <p className="mb-2 text-xs text-muted">and {formatNoun(run.destinations.length - 12, 'more partition')}.</p> : null}
          {run ? (
            <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 gap-y-1 [overflow-wrap:anywhere]">
              <DryRunFacts run={run} />
              <dt className="text-muted">Originals</dt>
              <dd>{originalsOf(run)}</dd>
              {run.targets.length === 1 ? (
                <>
                  <dt className="text-muted">Largest record</dt>
                  <dd>{formatBytes(run.targets[0]!.maxMessageBytes)}</dd>
                </>
              ) : null}
            </dl>
          ) : null}
        </section>

        <section className="md:col-start-1">
          <h3 className="mb-2 font-semibold">How</h3>
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField label="Target topic" placeholder="each record's origin" value={target} onChange={(event) => setTarget(event.target.value)} hint="Empty: where each came from." maxLength={249} />
            <SelectField
              label="Partition"
              value={partitioning}
              onChange={(event) => setPartitioning(event.target.value as 'origin' | 'key')}
              options={[
                { value: 'origin', label: "the origin's, else by key" },
                { value: 'key', label: 'by key (Java client)' },
              ]}
            />
            <TextField label="Records a second" inputMode="numeric" placeholder="no limit" value={rate} onChange={(event) => setRate(event.target.value.trim())} error={rateError} hint="Empty: as fast as it goes." />
            <TextField label="Canary" inputMode="numeric" placeholder="none" value={canary} onChange={(event) => setCanary(event.target.value.trim())} error={canaryError} hint="Send this many, then wait for you." />
            <StartFields start={start} onChange={setStart} />
          </div>
          <div className="mt-3">
            <TextArea label="Reason" value={reason} onChange={(event) => setReason(event.target.value)} error={reasonError} hint="Kept with the replay and in the audit trail." required maxLength={1_000} rows={2} />
          </div>
        </section>
      </div>
    </Dialog>
  );
}

function withGenerations(selection: ReplaySelection, again: Record<string, number>): ReplaySelection {
  if ('filter' in selection) return selection;
  return { ids: selection.ids.map((one) => (typeof one === 'string' && again[one] !== undefined ? { id: one, generation: again[one] } : one)) };
}

function describeFilter(filter: Record<string, string>): string {
  const names: Record<string, string> = { cluster: 'cluster', topic: 'dead-letter topic', originTopic: 'origin topic', originGroup: 'group', state: 'state', errorClass: 'error class', correlationId: 'correlation id', search: 'text' };
  const parts = Object.entries(filter).filter(([, value]) => value !== '').map(([name, value]) => (name === 'failure' ? 'this failure' : `${names[name] ?? name} "${value}"`)); // a failure's id is no word for people
  return parts.length === 0 ? 'no filter' : parts.join(' and ');
}

/** How what is sent stands to the records that failed, where those still lie on their topics. */
function originalsOf({ originals, sendable }: WireDryRun): string {
  if (sendable === 0) return '-';
  const parts = ([['same', 'the same bytes'], ['sameJson', 'the same JSON in other bytes'], ['differ', 'different'], ['another', 'replaced by another record'], ['notCompared', 'not compared: gone from the topic, not named, or too much to read']] as const).filter(([name]) => originals[name] > 0);
  return parts.map(([name, words]) => (sendable === 1 ? words : `${formatCount(originals[name])} ${words}`)).join(', ');
}

function promise(run: WireDryRun | null, sendable: number | null, partly: boolean, to: string): string {
  if (run === null || sendable === null || sendable === 0) return '';
  if (run.mode === 'at-least-once') return 'At least once: after a crash a record can appear twice.';
  const who = sendable === 1 ? 'The record appears' : `Each of the ${partly ? 'records' : formatCount(sendable)} appears`;
  return `${who} exactly once to read_committed consumers of ${to}. read_uncommitted consumers (the Java client's default) may see an aborted attempt as well.`;
}
