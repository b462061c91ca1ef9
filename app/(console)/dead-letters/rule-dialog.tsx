'use client';

import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi, type ApiError } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatNoun } from '#components/format.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextArea, TextField } from '#components/text-field.tsx';
import type { WireReplayRule } from '#lib/operations/replay-rule-wire.ts';

interface RuleDialogProps {
  failureId: string;
  rule: WireReplayRule | null;
  /** Dead letters of the failure that wait now: the rule takes them too. */
  waiting: number;
  label: string;
  refused: string | null;
}

interface Fields {
  minutes: string;
  attempts: string;
  perHour: string;
  percent: string;
}

const whole = (text: string, most: number) => /^[0-9]{1,6}$/.test(text) && Number(text) <= most;

/** Makes, changes and turns off the rule that retries a failure by itself. */
export function RuleDialog({ failureId, rule, waiting, label, refused }: RuleDialogProps): ReactNode {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [fields, setFields] = useState<Fields>(() => fieldsOf(rule));
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const errors = {
    minutes: whole(fields.minutes, 10_080) ? null : 'A whole number from 0 to 10,080 (7 days).',
    perHour: whole(fields.perHour, 10_000) && fields.perHour !== '0' ? null : 'A whole number from 1 to 10,000.',
    percent: whole(fields.percent, 100) && fields.percent !== '0' ? null : 'A whole number from 1 to 100.',
  };
  const wrong = Object.values(errors).find((one) => one !== null) ?? null;
  const set = (name: keyof Fields) => (event: { target: { value: string } }) => setFields((before) => ({ ...before, [name]: event.target.value.trim() }));

  async function save(state: 'on' | 'off'): Promise<void> {
    setAsked(true);
    if (reason.trim().length < 3) return;
    setBusy(true);
    setError(null);
    try {
      await callApi('PUT', `/api/v1/failures/${encodeURIComponent(failureId)}/replay-rule`, {
        state,
        delaySeconds: Number(fields.minutes) * 60,
        maxAttempts: Number(fields.attempts),
        maxPerHour: Number(fields.perHour),
        stopPercent: Number(fields.percent),
        reason: reason.trim(),
      });
      setOpen(false);
      router.refresh();
    } catch (problem) {
      setError(problem as ApiError);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button
        small
        disabledReason={refused}
        onClick={() => {
          setFields(fieldsOf(rule));
          setReason('');
          setAsked(false);
          setError(null);
          setOpen(true);
        }}
      >
        {label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Retry this failure by itself"
        description="Waybill replays its new dead letters to the topic each came from, exactly once, in your name. It never sends what is archived, parked, edited or replayed by a person before, and asks a second person where replays need one."
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Close</Button>
            {rule?.state === 'on' ? (
              <Button busy={busy} onClick={() => void save('off')}>
                Turn off
              </Button>
            ) : null}
            <Button look="primary" busy={busy} disabledReason={wrong} onClick={() => void save('on')}>
              {rule?.state === 'on' ? 'Change the rule' : 'Turn on'}
            </Button>
          </>
        }
      >
        {error ? (
          <ProblemState title="The rule was not changed" id={error.id}>
            {error.message}
          </ProblemState>
        ) : null}
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label="After minutes" inputMode="numeric" value={fields.minutes} onChange={set('minutes')} error={errors.minutes} hint="Since a dead letter arrived." />
          <SelectField
            label="At most"
            value={fields.attempts}
            onChange={set('attempts')}
            options={[
              { value: '1', label: 'once a record' },
              { value: '2', label: 'twice a record' },
              { value: '3', label: '3 times a record' },
            ]}
          />
          <TextField label="Records an hour" inputMode="numeric" value={fields.perHour} onChange={set('perHour')} error={errors.perHour} hint="At most." />
          <TextField label="Stop above % failing again" inputMode="numeric" value={fields.percent} onChange={set('percent')} error={errors.percent} hint="Of at least 5 known outcomes. It then waits for a person." />
        </div>
        {waiting > 0 && rule?.state !== 'on' ? <p className="mt-3 text-muted">{formatNoun(waiting, 'dead letter')} of this failure {waiting === 1 ? 'waits' : 'wait'} now and {waiting === 1 ? 'is' : 'are'} retried too, the oldest first.</p> : null}
        <div className="mt-3">
          <TextArea label="Reason" value={reason} onChange={(event) => setReason(event.target.value)} required rows={2} maxLength={1_000} error={asked && reason.trim().length < 3 ? 'Say why in a few words: it is kept with the rule and in the audit trail.' : null} hint="Kept with the rule and in the audit trail." />
        </div>
      </Dialog>
    </>
  );
}

function fieldsOf(rule: WireReplayRule | null): Fields {
  return { minutes: String(Math.round((rule?.delaySeconds ?? 600) / 60)), attempts: String(rule?.maxAttempts ?? 3), perHour: String(rule?.maxPerHour ?? 100), percent: String(rule?.stopPercent ?? 20) };
}
