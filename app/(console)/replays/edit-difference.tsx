'use client';

import { useEffect, useState, type ReactNode } from 'react';
import { callApi, type ApiError } from '#components/call-api.ts';
import { DiffView } from '#components/diff-view.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import type { WireReplayEdit } from '#lib/operations/edit-wire.ts';

/** Who edited what before it was sent, with the hash of the original and the difference; read when it is looked at. */
export function EditDifference({ replayId }: { replayId: string }): ReactNode {
  const [edit, setEdit] = useState<WireReplayEdit | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    callApi<WireReplayEdit>('GET', `/api/v1/replays/${replayId}/edit`, undefined, { signal: stop.signal }).then(setEdit, (problem: unknown) => !stop.signal.aborted && setError(problem as ApiError));
    return () => stop.abort();
  }, [replayId]);
  if (error) {
    return (
      <ProblemState title="The difference could not be read" id={error.id}>
        {error.message}
      </ProblemState>
    );
  }
  if (edit === null) return <p className="text-muted">Reading what was edited…</p>;
  const { original, edited } = edit;
  return (
    <div className="flex flex-col gap-2">
      <p>
        {edit.editedBy} edited {edit.changed.join(', ')} <RelativeTime at={edit.editedAt} />. The dead letter keeps its own bytes.
      </p>
      <p className="text-xs text-muted [overflow-wrap:anywhere]">
        SHA-256 of the original value <span className="font-mono">{edit.originalSha256 ?? 'none, it is null'}</span>, of the edited one <span className="font-mono">{edit.editedSha256 ?? 'none, it is null'}</span>
        {edit.schemaId === null ? '' : `; checked against schema ${edit.schemaId}`}.
      </p>
      {edit.masked ? <p className="text-xs text-behind-ink">A masking rule hides parts of both.</p> : null}
      {original === null || edited === null ? (
        <p className="text-muted">The bytes of {edited === null ? 'the edit' : 'the original'} have expired, so there is nothing to compare. Who edited what, and the hashes, stay.</p>
      ) : (
        edit.changed.map((part) =>
          part === 'headers' ? (
            <DiffView key={part} label="Headers" before={headersText(original.headers)} after={headersText(edited.headers)} />
          ) : (
            <DiffView key={part} label={part === 'value' ? 'Value' : 'Key'} before={textOf(part === 'value' ? original.valueBase64 : original.keyBase64)} after={textOf(part === 'value' ? edited.valueBase64 : edited.keyBase64)} none={part === 'value' ? 'null: a tombstone' : 'null'} />
          ),
        )
      )}
    </div>
  );
}

function headersText(headers: readonly (readonly [string, string | null])[]): string {
  return headers.map(([name, value]) => `${name}: ${value === null ? '(null)' : textOf(value)}\n`).join('');
}

/** Bytes as text: behind a schema registry's wire format where there is one, bytes that are no text in hex. */
function textOf(base64: string | null): string | null {
  if (base64 === null) return null;
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.codePointAt(0) ?? 0);
  const framed = bytes.length > 5 && bytes[0] === 0;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(framed ? bytes.subarray(5) : bytes);
  } catch {
    return [...bytes.subarray(0, 4_096)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  }
}
