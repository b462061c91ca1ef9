'use client';

import Link from 'next/link';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { Dialog } from '#components/dialog.tsx';
import { formatCount, formatDuration, formatPercent } from '#components/format.ts';
import { links } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { ExpectedPathWire, ExpectedStepWire } from '#lib/operations/expected-path-wire.ts';
import { useAction } from '../../../alerts/use-action.ts';

/** The steps of a path with their figures; an operator says what is expected of each. */
export function StepsTable({ path, barred }: { path: ExpectedPathWire; barred: string | null }): ReactNode {
  const [editing, setEditing] = useState<string | null>(null);
  const step = path.steps.find((each) => each.id === editing) ?? null;
  const columns: TableColumn<ExpectedStepWire>[] = [
    { id: 'who', header: 'Who', width: 140, primary: true, value: (row) => row.service ?? row.group, cell: (row) => <span title={row.service === null ? `${row.group ?? 'unknown'}: known from the group's commits, not from spans` : row.service}>{row.service ?? <span className="italic">{row.group ?? 'unknown service'}</span>}</span> },
    { id: 'does', header: 'Does', width: 150, value: (row) => `${row.kind} ${row.topic ?? ''}`, cell: (row) => <span title={`${row.kind} ${row.topic ?? ''}`}>{row.kind === 'send' ? 'sends to' : 'handles'} {row.topic ?? 'an unknown topic'}</span> },
    { id: 'expected', header: 'Expected', width: 190, value: (row) => row.required, cell: (row) => <Requirement step={row} onEdit={() => setEditing(row.id)} barred={barred} /> },
    { id: 'share', header: 'Journeys', hint: 'Share of the journeys that have it at all', width: 88, align: 'right', value: (row) => row.share, cell: (row) => <span title={row.shares.map((share, place) => `${place + 1}×: ${formatPercent(share)}`).join(', ')}>{formatPercent(row.share)}</span> },
    { id: 'times', header: 'Times', hint: 'How often in one journey', width: 66, align: 'right', hideBelow: 'md', value: (row) => row.shares.length, cell: (row) => timesOf(row) },
    { id: 'after', header: 'After', width: 180, hideBelow: 'lg', value: (row) => row.after[0]?.cause ?? '', cell: (row) => (row.after.length === 0 ? (row.sinceStartP50Ms === null ? 'unknown' : 'it begins the journey') : <span title={row.after.map((after) => `${after.cause}: ${formatPercent(after.share)}`).join('; ')}>{row.after[0]!.cause}</span>) },
    { id: 'p50', header: 'p50', hint: 'Median time after what it follows: waiting and handling', width: 80, align: 'right', hideBelow: 'sm', value: (row) => row.after[0]?.p50Ms ?? null, cell: (row) => (row.after[0] === undefined ? '-' : formatDuration(row.after[0].p50Ms)) },
    { id: 'p95', header: 'p95', hint: '19 of 20 take no longer', width: 80, align: 'right', hideBelow: 'sm', value: (row) => row.after[0]?.p95Ms ?? null, cell: (row) => (row.after[0] === undefined ? '-' : formatDuration(row.after[0].p95Ms)) },
    {
      id: 'missed', header: 'Missed, 1 h', hint: 'Journeys of the last hour in which it should have happened and did not', width: 92, align: 'right', value: (row) => row.missedLastHour,
      cell: (row) => (row.missedLastHour === 0 ? (row.required === 0 ? '-' : '0') : <Link className="text-bad-ink hover:underline" prefetch={false} href={links.missingHop(path.entryType, row.id, 3_600)}>{formatCount(row.missedLastHour)}</Link>),
    },
  ];
  return (
    <>
      <DataTable label="Steps" rows={path.steps} rowKey={(row) => row.id} columns={columns} />
      {step === null ? null : <StepDialog key={step.id} entryType={path.entryType} step={step} onClose={() => setEditing(null)} />}
    </>
  );
}

function timesOf(step: ExpectedStepWire): string {
  if (step.shares.length === 0) return '-';
  const usual = step.shares.filter((share) => share >= 0.98).length;
  const most = step.shares.length;
  return most === usual ? String(most) : `${usual}-${most}${most >= 5 ? '+' : ''}`;
}

function Requirement({ step, onEdit, barred }: { step: ExpectedStepWire; onEdit: () => void; barred: string | null }): ReactNode {
  const chip = step.ignored ? <StateChip state="muted" label="ignored" /> : step.required > 0 ? <StateChip state="ok" label={step.required > 1 ? `required ${step.required}×` : 'required'} /> : <StateChip state="quiet" label={step.edit === null ? 'branch' : 'optional'} />;
  return (
    <span className="flex items-center gap-2">
      {chip}
      <button type="button" onClick={barred === null ? onEdit : undefined} aria-disabled={barred !== null || undefined} title={barred ?? undefined} aria-label={`Change what is expected of ${step.text}`} className={barred === null ? 'text-accent-ink hover:underline' : 'cursor-not-allowed text-muted'}>
        Change
      </button>
      {step.edit === null ? null : <span className="min-w-0 truncate text-muted" title={`${step.edit.by} said so; learned: ${learnedText(step)}`}>by {step.edit.by}</span>}
    </span>
  );
}

function learnedText(step: ExpectedStepWire): string {
  if (step.shares.length === 0) return 'not in this version of the path';
  return `${step.learned > 0 ? `required${step.learned > 1 ? ` ${step.learned} times` : ''}` : 'a branch'}, because ${formatPercent(step.share)} of journeys have it`;
}

const CHOICES = [
  { value: 'learned', label: 'As learned', what: 'What journeys do decides.' },
  { value: 'required', label: 'Required', what: 'A journey without it misses a hop, also where others do without.' },
  { value: 'optional', label: 'Optional', what: 'It may happen or not; nobody is told.' },
  { value: 'ignored', label: 'Ignored', what: 'It counts for nothing: neither missing, nor unusual, nor slow.' },
] as const;

function StepDialog({ entryType, step, onClose }: { entryType: string; step: ExpectedStepWire; onClose: () => void }): ReactNode {
  const { busy, problem, run } = useAction();
  const [choice, setChoice] = useState<(typeof CHOICES)[number]['value']>(step.edit?.requirement ?? 'learned');
  const save = async (): Promise<void> => {
    const done = await run(async () => {
      await callApi('PATCH', `/api/v1/expected-paths/${encodeURIComponent(entryType)}`, { step: step.id, requirement: choice });
    });
    if (done) onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={step.text}
      description={`Learned: ${learnedText(step)}. What you choose holds for later versions of the path too.`}
      actions={
        <Button look="primary" busy={busy} onClick={() => void save()}>
          {choice === 'learned' ? 'Go by what is learned' : `Make it ${choice}`}
        </Button>
      }
    >
      {problem ? <ProblemState title="Nothing was changed">{problem}</ProblemState> : null}
      {step.edit === null ? null : (
        <p className="mb-3 text-muted">
          {step.edit.by} made it {step.edit.requirement}, <RelativeTime at={step.edit.at} />.
        </p>
      )}
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 font-medium">What is expected of it</legend>
        {CHOICES.map(({ value, label, what }) => (
          <label key={value} className="flex items-start gap-2">
            <input type="radio" name="requirement" value={value} checked={choice === value} onChange={() => setChoice(value)} className="mt-1" />
            <span>
              {label}
              <span className="block text-xs text-muted">{what}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Dialog>
  );
}
