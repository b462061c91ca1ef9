'use client';

import { useRouter } from 'next/navigation';
import { type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatDuration } from '#components/format.ts';
import { links } from '#components/links.ts';
import { Facts } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { DeliveryAttemptView, DeliveryDetail } from '#lib/operations/list-deliveries.ts';
import { useAction } from '../../use-action.ts';

/** One message: its body and every attempt with request, answer and timing. */
export function DeliveryPanel({ delivery }: { delivery: DeliveryDetail }): ReactNode {
  const router = useRouter();
  const { busy, problem, run } = useAction();
  const underWay = delivery.state === 'waiting' || delivery.state === 'sending';
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) router.push(links.webhook(delivery.endpointId), { scroll: false });
      }}
      as="side"
      title={delivery.type}
      description={delivery.id}
      actions={
        <Button
          look="primary"
          busy={busy}
          disabledReason={underWay ? 'It is still under way.' : null}
          onClick={() =>
            void run(async () => {
              await callApi('POST', `/api/v1/deliveries/${delivery.id}/redeliver`);
            })
          }
        >
          Redeliver under the same id
        </Button>
      }
    >
      {problem ? <ProblemState title="It was not redelivered">{problem}</ProblemState> : null}
      <Facts
        items={[
          { label: 'State', value: <StateChip state={delivery.state} /> },
          { label: 'Made', value: <RelativeTime at={delivery.createdAt} as="clock" /> },
          ...(delivery.redeliveredAt ? [{ label: 'Asked for again', value: <RelativeTime at={delivery.redeliveredAt} /> }] : []),
          ...(delivery.nextAttemptAt ? [{ label: 'Next attempt', value: <RelativeTime at={delivery.nextAttemptAt} /> }] : []),
        ]}
      />
      <h3 className="mt-5 mb-2 font-semibold">Attempts</h3>
      {delivery.attempts.length === 0 ? (
        <p className="text-muted">{delivery.state === 'superseded' ? 'Never sent: something newer was to be said before its turn came.' : 'None yet.'}</p>
      ) : (
        <ol reversed className="flex flex-col gap-2">
          {delivery.attempts.map((attempt, index) => (
            <Attempt key={attempt.number} attempt={attempt} open={index === 0} />
          ))}
        </ol>
      )}
      <h3 className="mt-5 mb-2 font-semibold">Body</h3>
      <Text text={pretty(delivery.payload)} label="Body of the message" />
    </Dialog>
  );
}

function Attempt({ attempt, open }: { attempt: DeliveryAttemptView; open: boolean }): ReactNode {
  const good = attempt.error === null && attempt.endedAt !== null;
  return (
    <li>
      <details open={open} className="panel">
        <summary className="flex cursor-pointer flex-wrap items-center gap-2 px-3 py-2">
          <span className="font-medium">#{attempt.number}</span>
          <StateChip state={attempt.endedAt === null ? 'unknown' : good ? 'delivered' : 'failed'} label={attempt.statusCode === null ? (attempt.endedAt === null ? 'outcome unknown' : 'no answer') : String(attempt.statusCode)} />
          {attempt.latencyMs === null ? null : <span className="text-xs text-muted">{formatDuration(attempt.latencyMs)}</span>}
          <span className="ml-auto text-xs text-muted">
            <RelativeTime at={attempt.startedAt} />
          </span>
        </summary>
        <div className="flex flex-col gap-3 border-t border-line px-3 py-3">
          {attempt.error ? <p className="[overflow-wrap:anywhere] text-bad-ink">{attempt.error}</p> : null}
          {attempt.endedAt === null ? <p className="text-muted">Under way, or cut off before its outcome was written. Whether it arrived is unknown; it is sent again under the same id.</p> : null}
          <Headers label="Request" headers={attempt.requestHeaders} />
          {attempt.responseHeaders ? <Headers label="Answer" headers={attempt.responseHeaders} /> : null}
          {attempt.responseBody === null ? null : attempt.responseBody === '' ? <p className="text-xs text-muted">The answer has no body.</p> : <Text text={attempt.responseBody} label="Body of the answer" />}
        </div>
      </details>
    </li>
  );
}

function Headers({ label, headers }: { label: string; headers: Record<string, string> }): ReactNode {
  const entries = Object.entries(headers);
  return (
    <div>
      <h4 className="mb-1 text-xs font-medium text-muted">{label}</h4>
      {entries.length === 0 ? (
        <p className="text-xs text-muted">No headers.</p>
      ) : (
        <dl className="font-mono text-xs [overflow-wrap:anywhere]">
          {entries.map(([name, value]) => (
            <div key={name}>
              <dt className="inline text-muted">{name}: </dt>
              <dd className="inline">{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function Text({ text, label }: { text: string; label: string }): ReactNode {
  return (
    // Focusable because it scrolls.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section tabIndex={0} aria-label={label} className="max-h-96 overflow-auto rounded-md border border-line bg-sunken p-3">
      <pre className="font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</pre>
    </section>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
