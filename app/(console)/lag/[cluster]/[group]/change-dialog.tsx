'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ApiError, callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { TextArea } from '#components/text-field.tsx';
import type { GroupChangeAnswer } from '#lib/operations/group-change-wire.ts';
import type { Change, ChangeableGroup } from './group-actions.tsx';
import { PlanTable } from './plan-table.tsx';
import { ResetFields, type ResetChoice, resetBodyOf } from './reset-fields.tsx';

const LOOK_AFTER_MS = 400;
/** Of call-api.ts: nobody said what became of it. */
const ANSWER_LOST: ReadonlySet<string> = new Set(['unreachable', 'bad-answer']);

const WORDS: Record<Change, { title: (group: string) => string; effect: string; method: 'POST' | 'DELETE'; path: (base: string) => string }> = {
  'reset-offsets': { title: (group) => `Reset the offsets of ${group}`, effect: 'Its consumers go on from there when they start again. The records themselves stay as they are.', method: 'POST', path: (base) => `${base}/offsets` },
  'delete-offsets': { title: (group) => `Let ${group} forget a topic`, effect: 'What it committed there is deleted and its lag is no longer counted. The records stay as they are.', method: 'DELETE', path: (base) => `${base}/offsets` },
  'delete-group': { title: (group) => `Delete the group ${group}`, effect: 'All its committed offsets are deleted. Consumers that start again begin by their own auto.offset.reset.', method: 'DELETE', path: (base) => base },
};

/** Asks what, shows the figures of exactly that, and does it on the button that names them. */
export function ChangeDialog({ change, group, onClose }: { change: Change; group: ChangeableGroup; onClose: () => void }): ReactNode {
  const router = useRouter();
  const [choice, setChoice] = useState<ResetChoice>({ kind: 'earliest', value: '', topic: change === 'delete-offsets' ? (group.topics[0] ?? '') : '', partitions: '' });
  const [reason, setReason] = useState('');
  const [look, setLook] = useState<{ of: string; answer: GroupChangeAnswer | null; error: ApiError | null }>({ of: '', answer: null, error: null });
  const [doing, setDoing] = useState<{ busy: boolean; error: ApiError | null; done: GroupChangeAnswer | null; asked: boolean }>({ busy: false, error: null, done: null, asked: false });
  const [again, setAgain] = useState(0);
  const key = useRef({ body: '', key: '' });

  const words = WORDS[change];
  const path = words.path(`/api/v1/clusters/${encodeURIComponent(group.cluster)}/groups/${encodeURIComponent(group.group)}`);
  const asked = change === 'reset-offsets' ? resetBodyOf(choice) : { body: change === 'delete-offsets' ? { topic: choice.topic } : {}, error: null };
  const what = asked.body === null ? null : JSON.stringify(asked.body);
  const lookedAt = `${what} ${again}`;
  const done = doing.done;
  useEffect(() => {
    if (what === null || done !== null) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      callApi<GroupChangeAnswer>(words.method, path, { ...(JSON.parse(what) as object), dryRun: true }, { signal: stop.signal }).then(
        (answer) => setLook({ of: lookedAt, answer, error: null }),
        (error: unknown) => !stop.signal.aborted && setLook({ of: lookedAt, answer: null, error: error as ApiError }),
      );
    }, LOOK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [what, lookedAt, path, words.method, done]);

  const looking = what !== null && look.of !== lookedAt;
  const plan = what === null ? null : look.answer;
  const nothing = plan !== null && plan.changed === 0 && change !== 'delete-group';
  const reasonError = doing.asked && reason.trim().length < 3 ? 'Say why in a few words: it is kept in the audit trail.' : null;
  const cannot = asked.error ?? (looking ? 'Waybill is still asking the broker.' : look.error ? 'Waybill could not find out what would happen.' : (plan?.blockedBecause ?? (nothing ? 'Nothing would change.' : null)));

  async function go(): Promise<void> {
    setDoing((before) => ({ ...before, asked: true }));
    if (reason.trim().length < 3 || what === null || plan === null) return;
    setDoing({ busy: true, error: null, done: null, asked: true });
    const body = { ...(JSON.parse(what) as object), reason: reason.trim(), expect: plan.fingerprint };
    const text = JSON.stringify(body);
    // A second click, or a retry after a lost answer, is the same change; another one has a key of its own.
    if (key.current.body !== text) key.current = { body: text, key: `${Date.now()}-${Math.random().toString(36).slice(2)}` };
    try {
      const answer = await callApi<GroupChangeAnswer>(words.method, path, body, { headers: { 'idempotency-key': key.current.key } });
      setDoing({ busy: false, error: null, done: answer, asked: true });
      router.refresh();
    } catch (error) {
      setDoing({ busy: false, error: error as ApiError, done: null, asked: true });
      // A refusal is kept under its key for ten minutes: after it the next attempt is one of its own. One whose answer got lost may have been done.
      if (!ANSWER_LOST.has((error as ApiError).code)) key.current = { body: '', key: '' };
      setAgain((count) => count + 1);
    }
  }

  if (done !== null) return <DoneDialog change={change} done={done} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      wide
      title={words.title(group.group)}
      description={words.effect}
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button look={change === 'reset-offsets' ? 'primary' : 'danger'} busy={doing.busy} disabledReason={cannot} onClick={() => void go()}>
            {labelOf(change, plan, choice.topic)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4" aria-busy={looking}>
        {doing.error ? (
          <ProblemState title="It was not done" id={doing.error.id}>
            {doing.error.message}
          </ProblemState>
        ) : null}
        {change === 'delete-group' ? null : <ResetFields choice={choice} topics={group.topics} onlyTopic={change === 'delete-offsets'} error={asked.error} onChange={setChoice} />}
        {look.error && !looking ? (
          <ProblemState title="What would happen is not known" id={look.error.id}>
            {look.error.message}
          </ProblemState>
        ) : null}
        {plan?.blockedBecause ? (
          <ProblemState severity="warning" title="It would be refused now">
            {plan.blockedBecause}
          </ProblemState>
        ) : null}
        {plan === null ? (
          <p className="text-muted">{what === null ? 'Fill in where to, to see what happens.' : looking ? 'Asking the broker what would happen…' : 'unknown'}</p>
        ) : (
          <div className={looking ? 'opacity-60' : undefined}>
            <p className="mb-2 font-medium" aria-live="polite">
              {sayEffect(change, plan)}
            </p>
            <PlanTable partitions={plan.partitions} forgets={change !== 'reset-offsets'} />
          </div>
        )}
        <TextArea label="Reason" value={reason} rows={2} maxLength={1_000} error={reasonError} hint="Kept in the audit trail with who did it and every offset before and after." onChange={(event) => setReason(event.target.value)} />
      </div>
    </Dialog>
  );
}

function DoneDialog({ change, done, onClose }: { change: Change; done: GroupChangeAnswer; onClose: () => void }): ReactNode {
  const failed = done.partitions.filter((partition) => partition.failure !== null).length;
  const what = change === 'reset-offsets' ? `${formatNoun(done.changed, 'partition')} of ${done.group} ${done.changed === 1 ? 'was' : 'were'} reset` : change === 'delete-offsets' ? `${done.group} forgot ${formatNoun(done.changed, 'partition')}` : `${done.group} was deleted`;
  return (
    <Dialog open onOpenChange={(open) => (open ? undefined : onClose())} wide title={what} description="The screen shows it with the next reading of the cluster." actions={<Button onClick={onClose}>Close</Button>}>
      {failed > 0 ? <ProblemState title={`The broker refused ${formatNoun(failed, 'partition')}`}>Those are as they were; the table says why.</ProblemState> : null}
      <p className="mb-2 font-medium" aria-live="polite">
        {sayEffect(change, done)}
      </p>
      <PlanTable partitions={done.partitions} forgets={change !== 'reset-offsets'} />
    </Dialog>
  );
}

function labelOf(change: Change, plan: GroupChangeAnswer | null, topic: string): string {
  if (change === 'delete-offsets') return `Forget ${topic}`;
  if (change === 'delete-group') return plan === null ? 'Delete the group' : `Delete ${plan.group}`;
  return plan === null ? 'Reset' : `Reset ${formatNoun(plan.changed, 'partition')}`;
}

/** "Skips 1,204 records and reads 33 again, in 12 partitions." */
function sayEffect(change: Change, plan: GroupChangeAnswer): string {
  const [skipped, repeated] = [BigInt(plan.skipped), BigInt(plan.repeated)];
  if (change !== 'reset-offsets') {
    if (plan.changed === 0) return 'No offset is committed there.';
    return `${formatNoun(plan.changed, 'committed offset')} ${plan.dryRun ? 'will be' : 'were'} deleted. A consumer that starts again with auto.offset.reset=earliest reads ${formatNoun(repeated, 'record')} again; with latest it skips ${formatNoun(skipped, 'record')}.`;
  }
  if (plan.changed === 0) return 'Nothing would change: every partition stands there already.';
  const parts = [skipped > 0n ? `skips ${formatNoun(skipped, 'record')}` : null, repeated > 0n ? `reads ${formatNoun(repeated, 'record')} again` : null].filter((part) => part !== null);
  const text = parts.length === 0 ? 'skips nothing and repeats nothing that is known' : parts.join(' and ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}, in ${formatCount(plan.changed)} of ${formatNoun(plan.partitions.length, 'partition')}.`;
}
