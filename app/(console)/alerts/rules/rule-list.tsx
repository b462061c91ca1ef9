'use client';

import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount } from '#components/format.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { AlertRuleView } from '#lib/operations/list-alert-rules.ts';
import { ConfirmButton } from '../confirm-button.tsx';
import { useAction } from '../use-action.ts';
import { RuleDialog, type EndpointChoice } from './rule-dialog.tsx';

interface RuleListProps {
  rules: AlertRuleView[];
  endpoints: EndpointChoice[];
  /** Why this person can't change rules; null: they can. */
  barred: string | null;
  /** The rule a link points to. */
  marked: string | null;
}

/** Rules as sentences; each part with a line under it can be clicked and changed. */
export function RuleList({ rules, endpoints, barred, marked }: RuleListProps): ReactNode {
  const [editing, setEditing] = useState<{ rule: AlertRuleView | null; field: string | null } | null>(null);
  const { busy, problem, run } = useAction();
  const toggle = (rule: AlertRuleView): void => {
    const { name, params, forSeconds, keepSeconds, onNoData, severity, endpointIds } = rule;
    void run(() => callApi('PUT', `/api/v1/alert-rules/${rule.id}`, { name, params, forSeconds, keepSeconds, onNoData, severity, endpointIds, enabled: !rule.enabled }));
  };
  return (
    <>
      <div className="mb-3 flex justify-end">
        <Button look="primary" disabledReason={barred} onClick={() => setEditing({ rule: null, field: null })}>
          New rule
        </Button>
      </div>
      {problem ? <ProblemState title="That did not work">{problem}</ProblemState> : null}
      {rules.length === 0 ? (
        <EmptyState title="There is no rule">Nobody is called, whatever happens. Add a rule, such as: when any group is more than 5 min behind for 2 min, tell every webhook.</EmptyState>
      ) : (
        <ul aria-label="Rules" className="panel divide-y divide-line">
          {rules.map((rule) => (
            <li key={rule.id} id={rule.id} className={`flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3 ${marked === rule.id ? 'bg-accent-soft' : ''}`}>
              <div className="min-w-0 flex-1 basis-96">
                <div className="flex flex-wrap items-center gap-2">
                  <h2 className="font-semibold [overflow-wrap:anywhere]">{rule.name}</h2>
                  {rule.enabled ? <StateChip state={rule.severity} /> : <StateChip state="disabled" label="off" />}
                  {rule.firing > 0 ? <StateChip state="firing" label={`${formatCount(rule.firing)} firing`} /> : null}
                  {rule.pending > 0 ? <StateChip state="pending" label={`${formatCount(rule.pending)} pending`} /> : null}
                </div>
                <p className={`mt-1 [overflow-wrap:anywhere] ${rule.enabled ? '' : 'text-muted'}`}>
                  {rule.sentenceParts.map((piece, index) =>
                    piece.field === null || barred !== null || rule.params === null ? (
                      <span key={index}>{piece.text}</span>
                    ) : (
                      <button
                        key={index}
                        type="button"
                        onClick={() => setEditing({ rule, field: piece.field })}
                        className="rounded-sm text-accent-ink underline decoration-dotted underline-offset-4 hover:bg-hover hover:decoration-solid"
                      >
                        {piece.text}
                      </button>
                    ),
                  )}
                </p>
                {rule.problem ? <p className="mt-1 text-xs text-bad-ink [overflow-wrap:anywhere]">{rule.problem}</p> : null}
                <p className="mt-1 text-xs text-muted">
                  {rule.enabled ? (
                    <>
                      evaluated <RelativeTime at={rule.lastEvaluatedAt} none="not yet" />
                    </>
                  ) : (
                    'switched off: nothing is evaluated'
                  )}
                  {rule.onNoData === 'fire' ? ' · an unknown figure counts as a breach' : ''}
                  {rule.builtIn ? ' · came with Waybill' : ` · by ${rule.createdBy}`}
                </p>
              </div>
              <div className="flex flex-wrap gap-1">
                <Button small look="quiet" disabledReason={barred ?? (rule.params === null ? 'This version does not understand the rule.' : null)} onClick={() => setEditing({ rule, field: null })}>
                  Edit
                </Button>
                <Button small look="quiet" busy={busy} disabledReason={barred ?? (rule.params === null ? 'This version does not understand the rule.' : null)} onClick={() => toggle(rule)}>
                  {rule.enabled ? 'Switch off' : 'Switch on'}
                </Button>
                <ConfirmButton
                  label="Delete"
                  title={`Delete the rule ${rule.name}`}
                  effect={`${rule.firing > 0 ? `${rule.firing === 1 ? 'Its firing alert ends' : `Its ${formatCount(rule.firing)} firing alerts end`}, and whoever was told is told so. ` : ''}Nothing is evaluated by it any more. This can't be undone.`}
                  confirm="Delete this rule"
                  method="DELETE"
                  path={`/api/v1/alert-rules/${rule.id}`}
                  disabledReason={barred}
                />
              </div>
            </li>
          ))}
        </ul>
      )}
      {editing ? <RuleDialog key={editing.rule?.id ?? 'new'} rule={editing.rule} field={editing.field} endpoints={endpoints} onClose={() => setEditing(null)} /> : null}
    </>
  );
}
