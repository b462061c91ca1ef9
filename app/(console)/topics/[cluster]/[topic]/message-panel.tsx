'use client';

import { useEffect, useState, type ReactNode } from 'react';
import { ApiError, callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { formatBytes, formatCount, formatExactTime, formatNoun } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { Facts } from '#components/page-header.tsx';
import { MaskedNote } from '#components/masked-note.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import type { MessageWire } from '#lib/operations/message-shape.ts';
import { messagePath } from './browse-query.ts';
import { coordinateOf, previewOf, visibilityText } from './describe-message.ts';
import { MessageBytes } from './message-bytes.tsx';

interface MessagePanelProps {
  cluster: string;
  topic: string;
  /** "partition@offset". */
  coordinate: string;
  /** What the list knows of it; null where it was opened by its address. */
  row: MessageWire | null;
  onClose: () => void;
}

/** One message with all that is in it. */
export function MessagePanel({ cluster, topic, coordinate, row, onClose }: MessagePanelProps): ReactNode {
  const [whole, setWhole] = useState<MessageWire | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [partition = '', offset = ''] = coordinate.split('@');
  const valid = /^\d+$/.test(partition) && /^\d+$/.test(offset);
  useEffect(() => {
    if (!valid) return;
    const stop = new AbortController();
    callApi<{ message: MessageWire }>('GET', messagePath(cluster, topic, partition, offset), undefined, { signal: stop.signal }).then(
      ({ message }) => setWhole(message),
      (failure: unknown) => {
        if (!stop.signal.aborted) setError(failure instanceof ApiError ? failure : new ApiError({ code: 'unexpected', status: 0, detail: String(failure) }));
      },
    );
    return () => stop.abort();
  }, [cluster, topic, partition, offset, valid]);
  const message = whole ?? row;
  const marked = message && visibilityText(message.visibility);
  return (
    <Dialog
      as="side"
      open
      onOpenChange={(open) => !open && onClose()}
      title={`p${partition} @ ${formatCount(offset)}`}
      description={message?.timestamp ? `${formatExactTime(message.timestamp)}, ${message.timestampType === 'log-append' ? 'when the broker appended it' : 'as its producer says'}` : topic}
      actions={valid ? <LinkButton look="primary" href={links.findJourney(coordinateOf(topic, { partition: Number(partition), offset }))}>Find its journey</LinkButton> : null}
    >
      {valid ? null : <p>There is no message at “{coordinate}”: an address is a partition and an offset, such as 0@17.</p>}
      {error ? (
        <ProblemState title="The message could not be read" id={error.id}>
          {error.message}
        </ProblemState>
      ) : null}
      {marked ? (
        <p className="mb-3 rounded-md bg-behind-soft px-3 py-1.5 text-behind-ink">
          <strong>{marked.word}.</strong> {marked.hint}
        </p>
      ) : null}
      {message === null ? (
        error || !valid ? null : <p className="text-muted">Reading the message…</p>
      ) : (
        <div className="flex flex-col gap-5">
          <Facts
            items={[
              { label: 'Key', value: <Key message={message} /> },
              { label: 'Size', value: `${formatBytes(message.bytes)}${message.valueBytes === null ? '' : `, value ${formatBytes(message.valueBytes)}`}` },
            ]}
          />
          {message.masked ? <MaskedNote masked={message.masked} /> : null}
          <MessageBytes message={message} whole={whole !== null} downloadHref={`${messagePath(cluster, topic, partition, offset)}/value`} />
          <Headers message={message} />
        </div>
      )}
    </Dialog>
  );
}

function Key({ message }: { message: MessageWire }): ReactNode {
  const { text, kind } = previewOf(message.keyBase64, message.keyBytes, message.key);
  if (kind === 'null' || kind === 'empty') return <em className="text-muted">{text}</em>;
  return <code className="[overflow-wrap:anywhere]">{text}</code>;
}

function Headers({ message }: { message: MessageWire }): ReactNode {
  if (message.headerCount === 0) return <p className="text-muted">The message has no headers.</p>;
  return (
    <section aria-label="Headers">
      <h3 className="mb-1.5 font-semibold">{formatNoun(message.headerCount, 'header')}</h3>
      <ul className="panel divide-y divide-line font-mono text-xs">
        {message.headers.map(([name, value], index) => {
          const { text, kind } = previewOf(value, value === null ? null : atob(value).length, null);
          return (
            // oxlint-disable-next-line react/no-array-index-key -- headers of one record never change places, and names repeat
            <li key={index} className="grid gap-x-3 px-2.5 py-1.5 sm:grid-cols-[minmax(0,12rem)_minmax(0,1fr)]">
              <span className="[overflow-wrap:anywhere] text-muted">{name === '' ? <em>empty name</em> : name}</span>
              <span className="[overflow-wrap:anywhere]">{kind === 'null' || kind === 'empty' ? <em className="text-muted">{text}</em> : text}</span>
            </li>
          );
        })}
      </ul>
      {message.headerCount > message.headers.length ? <p className="mt-1 text-xs text-muted">The first {formatCount(message.headers.length)} of them.</p> : null}
    </section>
  );
}
