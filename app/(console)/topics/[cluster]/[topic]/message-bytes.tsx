'use client';

import { useMemo, useState, type ReactNode } from 'react';
import { formatBytes, formatCount } from '#components/format.ts';
import type { MessageWire } from '#lib/operations/message-shape.ts';
import { decodeValue } from '../../../dead-letters/[id]/decode-value.ts';
import { JsonTree } from '../../../dead-letters/[id]/json-tree.tsx';
import { ValueView } from '../../../dead-letters/[id]/value-view.tsx';

interface MessageBytesProps {
  message: MessageWire;
  /** The message was read by itself; false: these are the first bytes of a row. */
  whole: boolean;
  downloadHref: string;
}

/** A value: through its schema where it has one, and as it lies in the log. */
export function MessageBytes({ message, whole, downloadHref }: MessageBytesProps): ReactNode {
  const { value } = message;
  const [raw, showRaw] = useState(false);
  const decoded = value !== null && !('error' in value) ? value : null;
  const tree = useMemo(() => (decoded === null || decoded.truncated ? undefined : decodeValue(toBase64(decoded.json)).json), [decoded]);
  const bytes = (
    <ValueView keyBase64={message.keyBase64} keyGone={false} withKey={false} valueBase64={message.valueBytes === 0 ? '' : message.valueBase64} valueBytes={message.valueBytes} body="stored" downloadHref={downloadHref} masked={message.masked} note={value !== null && 'error' in value ? `Schema ${value.schemaId}: ${value.error}.` : null} />
  );
  return (
    <section aria-label="Value of the message" className="flex flex-col gap-2">
      {decoded === null ? (
        bytes
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-2">
            <fieldset aria-label="Show the value" className="flex rounded-md border border-line p-0.5">
              {(message.masked?.value ? [false] : [false, true]).map((each) => (
                <button key={String(each)} type="button" aria-pressed={raw === each} onClick={() => showRaw(each)} className={`h-6 rounded-sm px-2.5 text-xs ${raw === each ? 'bg-accent-soft font-medium text-accent-ink' : 'text-muted hover:text-ink'}`}>
                  {each ? 'Bytes' : { avro: 'Avro', protobuf: 'Protobuf', json: 'JSON by schema' }[decoded.format]}
                </button>
              ))}
            </fieldset>
            <span className="text-xs text-muted">
              {decoded.name === null ? '' : `${decoded.name}, `}schema id {formatCount(decoded.schemaId)}
            </span>
          </div>
          {raw ? (
            bytes
          ) : (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so a keyboard must reach it
            <section tabIndex={0} aria-label="Decoded value" className="panel max-h-[70vh] overflow-auto p-3 font-mono text-xs">
              {tree === undefined ? <pre className="whitespace-pre-wrap [overflow-wrap:anywhere]">{decoded.json}{decoded.truncated ? '…' : ''}</pre> : <JsonTree value={tree} />}
            </section>
          )}
        </>
      )}
      {whole || message.valueBytes === null || message.valueBytes <= 1_024 ? null : <p className="text-xs text-muted">Reading all {formatBytes(message.valueBytes)}…</p>}
    </section>
  );
}

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCodePoint(...bytes.subarray(at, at + 8_192));
  return btoa(binary);
}
