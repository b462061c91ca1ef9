'use client';

import { useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextField } from '#components/text-field.tsx';
import type { EndpointFormat } from '#lib/model/alert.ts';
import type { WebhookEndpointView } from '#lib/operations/list-webhook-endpoints.ts';
import { useAction } from '../use-action.ts';
import { SecretOnce } from './secret-once.tsx';

const FORMATS: { value: EndpointFormat; label: string }[] = [
  { value: 'standard', label: 'Standard Webhooks (signed)' },
  { value: 'alertmanager', label: 'Alertmanager webhook (signed)' },
  { value: 'slack', label: 'Slack' },
  { value: 'pagerduty', label: 'PagerDuty Events v2' },
  { value: 'teams', label: 'Microsoft Teams' },
];

interface EndpointDialogProps {
  /** Null makes a new webhook. */
  endpoint: WebhookEndpointView | null;
  label: string;
  look?: 'primary' | 'plain';
  barred: string | null;
}

/** Makes or changes a webhook. A new one that is signed shows its secret, once. */
export function EndpointDialog({ endpoint, label, look = 'plain', barred }: EndpointDialogProps): ReactNode {
  const [open, setOpen] = useState(false);
  const [format, setFormat] = useState<EndpointFormat>(endpoint?.format ?? 'standard');
  const [secret, setSecret] = useState<string | null>(null);
  const { busy, problem, clear, run } = useAction();
  const secretUrl = format === 'slack' || format === 'teams';
  const close = (next: boolean): void => {
    setOpen(next);
    if (next) return;
    setSecret(null);
    clear();
  };
  const save = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string | undefined => {
      const value = form.get(name);
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    };
    const body = { name: text('name'), url: text('url'), routingKey: text('routingKey') };
    let shown: string | null = null;
    const done = await run(async () => {
      if (endpoint === null) shown = (await callApi<{ secret: string | null }>('POST', '/api/v1/webhook-endpoints', { ...body, format })).secret;
      else await callApi('PATCH', `/api/v1/webhook-endpoints/${endpoint.id}`, body);
    });
    if (!done) return;
    if (shown === null) close(false);
    else setSecret(shown);
  };
  return (
    <>
      <Button look={look} disabledReason={barred} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={close}
        title={secret ? 'Signing secret' : endpoint === null ? 'Add a webhook' : `Change ${endpoint.name}`}
        description={secret ? 'This is the only time it is shown: Waybill keeps it sealed. Give it to the receiver.' : 'Alerts are sent to it as they fire and as they resolve.'}
        actions={
          secret ? (
            <Button look="primary" onClick={() => close(false)}>
              I have stored it
            </Button>
          ) : (
            <Button look="primary" type="submit" form="endpoint" busy={busy}>
              {endpoint === null ? 'Add this webhook' : 'Save this webhook'}
            </Button>
          )
        }
      >
        {problem ? <ProblemState title="The webhook was not saved">{problem}</ProblemState> : null}
        {secret ? (
          <SecretOnce secret={secret} />
        ) : (
          <form id="endpoint" onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
            <TextField label="Name" name="name" required maxLength={100} defaultValue={endpoint?.name ?? ''} hint="Rules tell it by this name." />
            {endpoint === null ? <SelectField label="Format" name="format" options={FORMATS} value={format} onChange={(event) => setFormat(event.target.value as EndpointFormat)} /> : null}
            {format === 'pagerduty' ? (
              <TextField label="Integration key" name="routingKey" required={endpoint === null} minLength={8} maxLength={200} type="password" autoComplete="new-password" hint={endpoint === null ? 'Of the service, for Events API v2. It is kept sealed and never shown again.' : 'Leave empty to keep the one that is there.'} />
            ) : (
              <TextField
                label="URL"
                name="url"
                required={endpoint === null}
                maxLength={2_000}
                inputMode="url"
                placeholder="https://"
                defaultValue={secretUrl || endpoint?.url.endsWith('/…') ? '' : (endpoint?.url ?? '')}
                hint={secretUrl ? `Whoever knows it can post, so it is kept sealed.${endpoint === null ? '' : ' Leave empty to keep the one that is there.'}` : 'https and a public address, unless the allow-list (WAYBILL_WEBHOOK_ALLOW) names it.'}
              />
            )}
          </form>
        )}
      </Dialog>
    </>
  );
}
