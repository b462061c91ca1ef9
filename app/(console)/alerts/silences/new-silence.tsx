'use client';

import { useRouter } from 'next/navigation';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { links } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextArea, TextField } from '#components/text-field.tsx';
import { useAction } from '../use-action.ts';

const DURATIONS = [
  { value: '1800', label: '30 min' },
  { value: '3600', label: '1 h' },
  { value: '14400', label: '4 h' },
  { value: '86400', label: '1 d' },
  { value: '604800', label: '7 d' },
];

const OPERATOR = /^\s*([^=!~]+?)\s*(=~|!~|!=|=)(.*)$/s;

/** "group=billing" as a matcher; a pattern follows "=~". */
function readMatcher(line: string): { label: string; operator: string; value: string } | null {
  const match = OPERATOR.exec(line);
  return match === null ? null : { label: match[1] ?? '', operator: match[2] ?? '=', value: (match[3] ?? '').trim() };
}

/** Makes a silence; a link from an alert or a message opens it filled in. */
export function NewSilence({ prefilled, open: openAtFirst, barred }: { prefilled: string[]; open: boolean; barred: string | null }): ReactNode {
  const router = useRouter();
  const [open, setOpen] = useState(openAtFirst && barred === null);
  const [wrong, setWrong] = useState<string | null>(null);
  const { busy, problem, run } = useAction();
  const close = (): void => {
    setOpen(false);
    if (openAtFirst) router.replace(links.silences());
  };
  const create = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    const lines = text('matchers').split('\n').filter((line) => line.trim() !== '');
    const matchers = lines.map(readMatcher);
    const bad = matchers.indexOf(null);
    setWrong(lines.length === 0 ? 'Name at least one label.' : bad === -1 ? null : `"${lines[bad]?.trim()}" is not of the form label=value.`);
    if (lines.length === 0 || bad !== -1) return;
    const done = await run(async () => {
      await callApi('POST', '/api/v1/silences', { matchers, endsAt: new Date(Date.now() + Number(text('duration')) * 1_000).toISOString(), comment: text('comment') });
    });
    if (done) close();
  };
  return (
    <>
      <Button look="primary" disabledReason={barred} onClick={() => setOpen(true)}>
        New silence
      </Button>
      <Dialog
        open={open}
        onOpenChange={(next) => (next ? setOpen(true) : close())}
        title="New silence"
        description="Alerts that fit go on being judged and shown; nobody is told that they fire. The end of what was told before is still told."
        actions={
          <Button look="primary" type="submit" form="silence" busy={busy}>
            Silence these alerts
          </Button>
        }
      >
        {problem ? <ProblemState title="The silence was not made">{problem}</ProblemState> : null}
        <form id="silence" onSubmit={(event) => void create(event)} className="flex flex-col gap-4">
          <TextArea
            label="Labels, all of which must fit"
            name="matchers"
            rows={Math.max(3, prefilled.length + 1)}
            className="font-mono"
            defaultValue={prefilled.join('\n')}
            error={wrong}
            hint="One a line: group=billing, cluster!=test, group=~billing-.*|audit"
          />
          <SelectField label="For" name="duration" options={DURATIONS} defaultValue="3600" />
          <TextField label="Why" name="comment" required maxLength={1_000} hint="It stands beside the silence and in the audit trail." />
        </form>
      </Dialog>
    </>
  );
}
