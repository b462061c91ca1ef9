'use client';

import { useRouter } from 'next/navigation';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { CopyText } from '#components/copy-text.tsx';
import { Dialog } from '#components/dialog.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextField } from '#components/text-field.tsx';

const DAY_MS = 86_400_000;
const ROLE_OPTIONS = [
  { value: 'viewer', label: 'viewer: reads everything' },
  { value: 'operator', label: 'operator: also replays, silences, asks brokers' },
  { value: 'administrator', label: 'administrator: also webhooks, tokens' },
];
const EXPIRY_OPTIONS = [
  { value: '30', label: 'after 30 d' },
  { value: '90', label: 'after 90 d' },
  { value: '365', label: 'after 365 d' },
  { value: '', label: 'never, until revoked' },
];

/** Makes an API token and shows its secret, once. */
export function NewToken(): ReactNode {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [secret, setSecret] = useState<{ name: string; token: string } | null>(null);

  const create = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (field: string) => {
      const value = form.get(field);
      return typeof value === 'string' ? value : '';
    };
    const days = text('expiry');
    setBusy(true);
    setProblem(null);
    try {
      const made = await callApi<{ name: string; token: string }>('POST', '/api/v1/tokens', {
        name: text('name'),
        role: text('role'),
        expiresAt: days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
      });
      setSecret(made);
      router.refresh();
    } catch (error) {
      setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const close = (next: boolean) => {
    setOpen(next);
    if (next) return;
    setSecret(null);
    setProblem(null);
  };
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        Make an API token
      </Button>
      <Dialog
        open={open}
        onOpenChange={close}
        title={secret ? `Token ${secret.name}` : 'Make an API token'}
        description={secret ? 'This is the only time it is shown: Waybill keeps its hash.' : 'Whoever holds it acts with its role until it expires or is revoked.'}
        actions={
          secret ? (
            <Button look="primary" onClick={() => close(false)}>
              I have stored it
            </Button>
          ) : (
            <Button look="primary" type="submit" form="new-token" busy={busy}>
              Make this token
            </Button>
          )
        }
      >
        {problem ? <ProblemState title="The token was not made">{problem}</ProblemState> : null}
        {secret ? (
          <CopyText text={secret.token} label="The token" action="Copy the token" />
        ) : (
          <form id="new-token" onSubmit={(event) => void create(event)} className="flex flex-col gap-4">
            <TextField label="Name" name="name" required maxLength={100} hint="Who uses it, and what for: it stands in the audit trail." />
            <SelectField label="Role" name="role" options={ROLE_OPTIONS} defaultValue="viewer" />
            <SelectField label="Expires" name="expiry" options={EXPIRY_OPTIONS} defaultValue="90" />
          </form>
        )}
      </Dialog>
    </>
  );
}
