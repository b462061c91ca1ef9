'use client';

import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { links } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import type { WebhookEndpointView } from '#lib/operations/list-webhook-endpoints.ts';
import { ConfirmButton } from '../../confirm-button.tsx';
import { useAction } from '../../use-action.ts';
import { EndpointDialog } from '../endpoint-dialog.tsx';
import { SecretOnce } from '../secret-once.tsx';

interface EndpointActionsProps {
  endpoint: WebhookEndpointView;
  /** Why this person can't send a test, and why they can't change the webhook; null: they can. */
  barredTest: string | null;
  barredChange: string | null;
}

/** What can be done with a webhook: test, change, rotate its secret, switch it, delete it. */
export function EndpointActions({ endpoint, barredTest, barredChange }: EndpointActionsProps): ReactNode {
  const router = useRouter();
  const [rotating, setRotating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const action = useAction();
  const path = `/api/v1/webhook-endpoints/${endpoint.id}`;
  const test = (): void => {
    void action.run(async () => {
      const { deliveryId } = await callApi<{ deliveryId: string }>('POST', `${path}/test`);
      router.push(links.webhook(endpoint.id, { delivery: deliveryId }), { scroll: false });
    });
  };
  const rotate = (): void => {
    void action.run(async () => setSecret((await callApi<{ secret: string }>('POST', `${path}/rotate-secret`)).secret));
  };
  const closeRotation = (open: boolean): void => {
    setRotating(open);
    if (!open) setSecret(null);
    action.clear();
  };
  return (
    <>
      <Button look="primary" busy={action.busy && !rotating} disabledReason={barredTest} onClick={test}>
        Send a test
      </Button>
      <EndpointDialog endpoint={endpoint} label="Change" barred={barredChange} />
      {endpoint.signed ? (
        <Button disabledReason={barredChange} onClick={() => setRotating(true)}>
          Rotate the secret
        </Button>
      ) : null}
      <ConfirmButton
        label={endpoint.enabled ? 'Switch off' : 'Switch on'}
        title={endpoint.enabled ? `Switch ${endpoint.name} off` : `Switch ${endpoint.name} on`}
        effect={endpoint.enabled ? 'Nothing is sent to it until it is switched on again; what waits stays. Tests still go.' : 'Alerts that fire now are sent to it with the next evaluation.'}
        confirm={endpoint.enabled ? 'Switch it off' : 'Switch it on'}
        method="PATCH"
        path={path}
        body={{ enabled: !endpoint.enabled }}
        disabledReason={barredChange}
      />
      <ConfirmButton
        label="Delete"
        title={`Delete the webhook ${endpoint.name}`}
        effect="Its deliveries go too. Rules that tell only this webhook are switched off; rules that tell every webhook go on. This can't be undone."
        confirm="Delete this webhook"
        method="DELETE"
        path={path}
        disabledReason={barredChange}
        onDone={() => router.push(links.webhooks())}
      />
      {action.problem && !rotating ? <span role="alert" className="basis-full text-xs text-bad-ink">{action.problem}</span> : null}
      <Dialog
        open={rotating}
        onOpenChange={closeRotation}
        title={secret ? 'New signing secret' : `Rotate the secret of ${endpoint.name}`}
        description={secret ? 'This is the only time it is shown. The old secret signs beside it for 24 h.' : 'A new secret signs from now on; the old one signs beside it for 24 h, so the receiver can change over without losing a message.'}
        actions={
          secret ? (
            <Button look="primary" onClick={() => closeRotation(false)}>
              I have stored it
            </Button>
          ) : (
            <Button look="primary" busy={action.busy} onClick={rotate}>
              Rotate the secret
            </Button>
          )
        }
      >
        {action.problem ? <ProblemState title="The secret was not rotated">{action.problem}</ProblemState> : null}
        {secret ? <SecretOnce secret={secret} /> : null}
      </Dialog>
    </>
  );
}
