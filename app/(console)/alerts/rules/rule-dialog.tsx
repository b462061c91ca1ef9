'use client';

import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextField } from '#components/text-field.tsx';
import { ALERTABLE_STATUSES, type RuleKind } from '#lib/model/alert.ts';
import type { AlertRuleView } from '#lib/operations/list-alert-rules.ts';
import { useAction } from '../use-action.ts';
import { HygieneFields } from './hygiene-fields.tsx';

export interface EndpointChoice {
  id: string;
  name: string;
}

interface RuleDialogProps {
  /** Null makes a new rule. */
  rule: AlertRuleView | null;
  /** The part of the sentence that was clicked: its field has the focus. */
  field: string | null;
  endpoints: readonly EndpointChoice[];
  onClose: () => void;
}

const KINDS: { value: RuleKind; label: string }[] = [
  { value: 'group-status', label: 'A group is stopped, stalled, losing data …' },
  { value: 'group-lag-seconds', label: 'A group is behind in time' },
  { value: 'group-lag-records', label: 'A group is behind in records' },
  { value: 'dead-letter-rate', label: 'Dead letters arrive' },
  { value: 'replay-failed-again', label: 'Replayed records fail again' },
  { value: 'replay-waiting', label: 'A replay waits for a person' },
  { value: 'hygiene', label: 'Hygiene finds duplicates, schema drift …' },
  { value: 'missing-hop', label: 'Events miss a hop of their usual path' },
  { value: 'collector-stale', label: 'A collector completes no run' },
  { value: 'endpoint-disabled', label: 'A webhook was disabled' },
];

/** Every parameter of a rule; which of them show depends on what it watches. */
export function RuleDialog({ rule, field, endpoints, onClose }: RuleDialogProps): ReactNode {
  const params = rule?.params ?? null;
  const [kind, setKind] = useState<RuleKind>(params?.kind ?? 'group-lag-seconds');
  const { busy, problem, run } = useAction();
  const given = params !== null && params.kind === kind ? (params as unknown as Record<string, string | number | string[] | null>) : {};
  const initial = (name: string, fallback: string | number): string => {
    const value = given[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : String(fallback);
  };
  const focus = (name: string): { autoFocus?: boolean } => (field === name ? { autoFocus: true } : {});
  const number = (name: string, label: string, hint: string, fallback: number, min: number, max: number): ReactNode => (
    <TextField key={`${kind}-${name}`} label={label} name={name} hint={hint} type="number" inputMode="numeric" required min={min} max={max} step={1} defaultValue={initial(name, fallback)} {...focus(name)} />
  );
  const text = (name: string, label: string, hint: string): ReactNode => <TextField key={`${kind}-${name}`} label={label} name={name} hint={hint} maxLength={249} defaultValue={initial(name, '')} {...focus(name)} />;

  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    const name = (key: string): string | null => word(key) || null;
    const count = (key: string): number => Number(word(key));
    const body = {
      name: word('name'),
      params: readParams(kind, name, count, (key) => form.getAll(key).map(String)),
      forSeconds: count('forSeconds'),
      keepSeconds: count('keepSeconds'),
      onNoData: word('onNoData'),
      severity: word('severity'),
      endpointIds: form.getAll('endpointIds').map(String),
      enabled: rule?.enabled ?? true,
    };
    const done = await run(async () => {
      await (rule === null ? callApi('POST', '/api/v1/alert-rules', body) : callApi('PUT', `/api/v1/alert-rules/${rule.id}`, body));
    });
    if (done) onClose();
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={rule === null ? 'New rule' : rule.name}
      description="Evaluated every few seconds; what is unknown never counts as fine."
      actions={
        <Button look="primary" type="submit" form="rule" busy={busy}>
          {rule === null ? 'Add this rule' : 'Save this rule'}
        </Button>
      }
    >
      {problem ? <ProblemState title="The rule was not saved">{problem}</ProblemState> : null}
      <form id="rule" onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
        <TextField label="Name" name="name" required maxLength={200} defaultValue={rule?.name ?? ''} hint="It heads every message (label alertname)." />
        <SelectField label="When" name="kind" options={KINDS} value={kind} onChange={(event) => setKind(event.target.value as RuleKind)} />
        {kind === 'group-status' ? (
          <fieldset>
            <legend className="mb-1 font-medium">Status</legend>
            <div className="flex flex-wrap gap-x-4 gap-y-1">
              {ALERTABLE_STATUSES.map((status) => (
                <label key={status} className="flex items-center gap-1.5">
                  <input type="checkbox" name="statuses" value={status} defaultChecked={(Array.isArray(given['statuses']) ? given['statuses'] : ['losing-data', 'stopped', 'stalled']).includes(status)} />
                  {status.replaceAll('-', ' ')}
                </label>
              ))}
            </div>
          </fieldset>
        ) : null}
        {kind === 'hygiene' ? <HygieneFields kinds={Array.isArray(given['kinds']) ? given['kinds'] : []} minSeverity={initial('minSeverity', 'warning')} /> : null}
        {kind === 'group-lag-seconds' ? number('aboveSeconds', 'More than this many seconds behind', 'Age of the oldest record that was not processed.', 300, 1, 2_592_000) : null}
        {kind === 'group-lag-records' ? number('aboveRecords', 'More than this many records behind', 'Over all partitions of the group.', 10_000, 0, Number.MAX_SAFE_INTEGER) : null}
        {kind === 'dead-letter-rate' || kind === 'replay-failed-again' ? number('atLeast', 'At least this many', kind === 'dead-letter-rate' ? 'Dead letters on one topic.' : 'Records of one replay.', 1, 1, 20_000) : null}
        {kind === 'dead-letter-rate' || kind === 'replay-failed-again' ? number('withinSeconds', 'Within this many seconds', '10 to 86,400.', 300, 10, 86_400) : null}
        {kind === 'missing-hop' ? number('atLeast', 'At least this many', 'Events that miss the same hop.', 5, 1, 20_000) : null}
        {kind === 'missing-hop' ? number('withinSeconds', 'Within this many seconds', 'Counted from when the time of the hop was over; 10 to 86,400.', 3_600, 10, 86_400) : null}
        {kind === 'missing-hop' ? text('entryType', 'Events that begin on', 'A topic, "orders*", or empty for every one.') : null}
        {kind === 'missing-hop' ? text('step', 'Hop', 'As the usual path says it, such as "notification-service on stock" or "notification*"; empty: wherever a path breaks off.') : null}
        {kind === 'collector-stale' ? number('aboveSeconds', 'No run completed in this many seconds', 'Never sooner than three periods of the collector.', 120, 1, 2_592_000) : null}
        {kind.startsWith('group-') ? text('group', 'Group', 'A name, "billing-*", or empty for every group.') : null}
        {kind === 'dead-letter-rate' ? text('topic', 'Dead-letter topic', 'A name, "*.DLT", or empty for every topic.') : null}
        {kind === 'hygiene' ? text('topic', 'Topic', 'A name, "orders*", or empty for every subject.') : null}
        {kind === 'collector-stale' ? text('collector', 'Collector', 'A name, or empty for every collector.') : null}
        {kind.startsWith('group-') || kind === 'dead-letter-rate' || kind === 'replay-failed-again' || kind === 'replay-waiting' || kind === 'hygiene' ? text('cluster', 'Cluster', 'Empty for every cluster.') : null}
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <TextField label="For (seconds)" name="forSeconds" type="number" required min={0} max={86_400} step={1} defaultValue={String(rule?.forSeconds ?? 60)} hint="It must last this long before anybody is told." {...focus('forSeconds')} />
          <TextField label="Keep firing for (seconds)" name="keepSeconds" type="number" required min={0} max={86_400} step={1} defaultValue={String(rule?.keepSeconds ?? 60)} hint="It must have cleared this long to be resolved." />
          <SelectField
            label="Severity"
            name="severity"
            options={['critical', 'warning', 'info'].map((value) => ({ value, label: value }))}
            defaultValue={rule?.severity ?? 'warning'}
          />
          <SelectField
            label="Where the figure is unknown"
            name="onNoData"
            options={[
              { value: 'keep', label: 'keep the last state' },
              { value: 'fire', label: 'count it as a breach' },
            ]}
            defaultValue={rule?.onNoData ?? 'keep'}
          />
        </div>
        <fieldset>
          <legend className="mb-1 font-medium">Tell</legend>
          {endpoints.length === 0 ? (
            <p className="text-xs text-muted">Every webhook. There is none yet.</p>
          ) : (
            <>
              <div className="flex flex-wrap gap-x-4 gap-y-1">
                {endpoints.map((endpoint) => (
                  <label key={endpoint.id} className="flex items-center gap-1.5">
                    <input type="checkbox" name="endpointIds" value={endpoint.id} defaultChecked={rule?.endpointIds.includes(endpoint.id) ?? false} {...focus('endpointIds')} />
                    {endpoint.name}
                  </label>
                ))}
              </div>
              <p className="mt-1 text-xs text-muted">None checked: every webhook, those of the future too.</p>
            </>
          )}
        </fieldset>
      </form>
    </Dialog>
  );
}

function readParams(kind: RuleKind, name: (key: string) => string | null, count: (key: string) => number, checked: (key: string) => string[]): Record<string, unknown> {
  switch (kind) {
    case 'group-lag-records':
      return { kind, cluster: name('cluster'), group: name('group'), aboveRecords: count('aboveRecords') };
    case 'group-lag-seconds':
      return { kind, cluster: name('cluster'), group: name('group'), aboveSeconds: count('aboveSeconds') };
    case 'group-status':
      return { kind, cluster: name('cluster'), group: name('group'), statuses: checked('statuses') };
    case 'dead-letter-rate':
      return { kind, cluster: name('cluster'), topic: name('topic'), atLeast: count('atLeast'), withinSeconds: count('withinSeconds') };
    case 'replay-failed-again':
      return { kind, cluster: name('cluster'), atLeast: count('atLeast'), withinSeconds: count('withinSeconds') };
    case 'replay-waiting':
      return { kind, cluster: name('cluster') };
    case 'hygiene':
      return { kind, cluster: name('cluster'), topic: name('topic'), kinds: checked('kinds'), minSeverity: name('minSeverity') };
    case 'missing-hop':
      return { kind, entryType: name('entryType'), step: name('step'), atLeast: count('atLeast'), withinSeconds: count('withinSeconds') };
    case 'collector-stale':
      return { kind, collector: name('collector'), aboveSeconds: count('aboveSeconds') };
    case 'endpoint-disabled':
      return { kind };
  }
}
