'use client';

import { useRouter } from 'next/navigation';
import { useDeferredValue, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi, type ApiError } from '#components/call-api.ts';
import { DiffView } from '#components/diff-view.tsx';
import { formatBytes, formatCount } from '#components/format.ts';
import { links } from '#components/links.ts';
import { Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextArea, TextField } from '#components/text-field.tsx';
import type { WireEditable } from '#lib/operations/edit-wire.ts';
import type { WireReplayDetail } from '#lib/operations/replay-wire.ts';
import { useDryRun } from '../../../replays/use-dry-run.ts';
import { draftOf, editOf, faultOf, headerLines, valueRefusal, valueTextOf, type Draft } from './draft.ts';
import { HeadersEditor } from './headers-editor.tsx';
import { WhatWouldHappen } from './what-would-happen.tsx';

const LOOK_AFTER_MS = 600;

/** Change one dead letter, see what differs and what would happen, say why, send. Nothing is sent by itself. */
export function Editor({ editable }: { editable: WireEditable }): ReactNode {
  const router = useRouter();
  const [frozen] = useState(editable); // a page that refreshes must not change what is being edited
  const first = useMemo(() => draftOf(frozen), [frozen]);
  const [draft, setDraft] = useState<Draft>(first);
  const [target, setTarget] = useState('');
  const [partitioning, setPartitioning] = useState<'' | 'origin' | 'key'>('');
  const [overrideParked, setOverrideParked] = useState(false);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const [sending, setSending] = useState<{ busy: boolean; error: ApiError | null }>({ busy: false, error: null });
  const idempotency = useRef({ body: '', key: '' });
  const area = useRef<HTMLDivElement>(null);

  const settled = useDeferredValue(draft); // a megabyte is compared beside the typing
  const edit = useMemo(() => editOf(settled, frozen), [settled, frozen]);
  const fault = useMemo(() => faultOf(settled), [settled]);
  const refusal = valueRefusal(frozen);
  const changed = [...(edit.value !== undefined ? ['value'] : []), ...(edit.key !== undefined ? ['key'] : []), ...(edit.headers !== undefined ? ['headers'] : [])];
  const nameless = draft.headers.some((one) => one.original === null && one.name.trim() === '');
  const what =
    changed.length === 0 || (edit.value && fault) || nameless
      ? null
      : JSON.stringify({ generation: frozen.generation, ...edit, ...(edit.value ? { format: settled.format } : {}), ...(target.trim() ? { target: target.trim() } : {}), ...(partitioning ? { partitioning } : {}), overrideParked });
  const path = `/api/v1/dead-letters/${frozen.deadLetterId}/edit-and-replay`;

  const look = useDryRun(path, what, LOOK_AFTER_MS);

  const unsaved = changed.length > 0 && !sending.busy;
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [unsaved]);

  const looking = what !== null && look.of !== what;
  const run = what !== null && !looking ? look.run : null;
  const lookError = what !== null && !looking ? look.error : null;
  const fallback = run !== null && run.modeReason !== null;
  const to = run?.destinations[0]?.topic ?? (target.trim() || frozen.originTopic || 'its topic');
  const cannot =
    changed.length === 0 ? 'Nothing differs from the dead letter yet.'
    : edit.value && fault ? `The value is not JSON at line ${fault.line}, column ${fault.column}.`
    : nameless ? 'A new header has no name.'
    : looking || settled !== draft ? 'Waybill is still looking at what would be sent.'
    : lookError ? 'What would be sent is refused; the reason is above.'
    : run?.sendable === 0 ? (run.refusals[0]?.text ?? 'It cannot be sent.')
    : run?.targets.some((one) => one.writable === false) ? 'Waybill may not write to the target.'
    : null;
  const reasonError = asked && reason.trim().length < 3 ? 'Say why in a few words: it is kept with the replay and in the audit trail.' : null;

  async function send(): Promise<void> {
    setAsked(true);
    if (what === null || reason.trim().length < 3) return;
    setSending({ busy: true, error: null });
    const body = { ...(JSON.parse(what) as object), reason: reason.trim(), ...(fallback ? { mode: 'at-least-once' } : {}) };
    const text = JSON.stringify(body);
    // A second click, or a retry after a lost answer, is the same replay; a changed one is a new one.
    if (idempotency.current.body !== text) idempotency.current = { body: text, key: `${Date.now()}-${Math.random().toString(36).slice(2)}` };
    try {
      const replay = await callApi<WireReplayDetail>('POST', path, body, { headers: { 'idempotency-key': idempotency.current.key } });
      router.push(links.replay(replay.id));
    } catch (error) {
      setSending({ busy: false, error: error as ApiError });
    }
  }

  function goToFault(): void {
    const field = area.current?.querySelector('textarea');
    if (!field || !fault) return;
    const at = fault.at + (draft.value.startsWith('\uFEFF') ? 1 : 0);
    field.focus();
    field.setSelectionRange(at, Math.min(at + 1, field.value.length));
  }

  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const bytes = useMemo(() => new TextEncoder().encode(valueTextOf(settled, frozen)).length, [settled, frozen]);
  return (
    <div className="grid gap-x-8 xl:grid-cols-2">
      <div className="min-w-0">
        <Section
          title="Value"
          aside={draft.valueIsNull ? 'a tombstone' : refusal === null ? `${frozen.value.encoding === null ? formatBytes(bytes) : 'Avro as JSON'}${frozen.value.schemaId === null ? '' : frozen.value.encoding === null ? `, behind JSON schema ${formatCount(frozen.value.schemaId)}` : `, schema ${formatCount(frozen.value.schemaId)}`}${frozen.value.lineEnds === 'crlf' ? ', line ends CR LF' : ''}` : undefined}
        >
          {refusal !== null && !draft.valueIsNull ? (
            <p className="panel mb-2 px-4 py-3">{refusal}</p>
          ) : draft.valueIsNull ? (
            <p className="panel mb-2 px-4 py-3">
              <strong>null.</strong> <span className="text-muted">In a compacted topic a tombstone deletes the key.</span>
            </p>
          ) : (
            <div ref={area} className="mb-2">
              <TextArea
                label="Value"
                hideLabel
                className="min-h-64 font-mono text-xs"
                rows={Math.min(28, Math.max(10, draft.value.split('\n', 30).length + 1))}
                spellCheck={false}
                autoCapitalize="off"
                autoCorrect="off"
                value={draft.value}
                onChange={(event) => set({ value: event.target.value })}
                error={fault ? `Line ${fault.line}, column ${fault.column}: ${fault.message}.` : null}
                hint={frozen.value.encoding !== null ? 'The JSON of an Avro value: every field, bytes as base64. It is written with the schema it came with; none is registered.' : draft.format === 'json' ? 'JSON. Sent exactly as it stands here: no number is spelled anew, no space added.' : 'Text, not checked. Sent exactly as it stands here.'}
              />
            </div>
          )}
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            {fault ? (
              <Button small onClick={goToFault}>
                Go to line {fault.line}, column {fault.column}
              </Button>
            ) : null}
            {refusal === null && frozen.value.schemaId === null && !draft.valueIsNull ? (
              <label className="flex items-center gap-2">
                <input type="checkbox" checked={draft.format === 'json'} onChange={(event) => set({ format: event.target.checked ? 'json' : 'text' })} />
                Must be JSON
              </label>
            ) : null}
            <label className="flex items-center gap-2">
              <input type="checkbox" checked={draft.valueIsNull} onChange={(event) => set({ valueIsNull: event.target.checked })} />
              Tombstone (null)
            </label>
          </div>
        </Section>

        <Section title="Key">
          {frozen.key.refusal ? (
            <p className="text-muted">{frozen.key.refusal}</p>
          ) : (
            <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
              <div className="min-w-0 flex-1 basis-64">
                <TextArea label="Key" hideLabel rows={1} className="font-mono text-xs" spellCheck={false} value={draft.keyIsNull ? '' : draft.key} disabled={draft.keyIsNull} onChange={(event) => set({ key: event.target.value })} hint={edit.key === undefined ? 'With another key the record goes to another partition.' : 'Edited: by default it goes to the partition of the new key.'} />
              </div>
              <label className="flex items-center gap-2 py-1">
                <input type="checkbox" checked={draft.keyIsNull} onChange={(event) => set({ keyIsNull: event.target.checked })} />
                null
              </label>
            </div>
          )}
        </Section>

        <Section title="Headers">
          <HeadersEditor headers={draft.headers} editable={frozen} onChange={(headers) => set({ headers })} />
        </Section>
      </div>

      <div className="min-w-0">
        <Section title="Difference" aside={changed.length === 0 ? undefined : `${changed.join(', ')} edited`}>
          <div className="flex flex-col gap-2">
            {changed.length === 0 ? <p className="text-muted">Nothing is changed yet. What differs from the dead letter appears here before anything is sent.</p> : null}
            {edit.value !== undefined ? <DiffView label="Value" before={frozen.value.isNull ? null : (frozen.value.text ?? '(as it is in the dead letter)')} after={settled.valueIsNull ? null : valueTextOf(settled, frozen)} none="null: a tombstone" /> : null}
            {edit.key !== undefined ? <DiffView label="Key" before={frozen.key.isNull ? null : (frozen.key.text ?? '(as it is in the dead letter)')} after={settled.keyIsNull ? null : settled.key} /> : null}
            {edit.headers !== undefined ? <DiffView label="Headers" before={headerLines(first.headers, frozen)} after={headerLines(settled.headers, frozen)} /> : null}
          </div>
        </Section>

        <Section title="Where and how">
          {lookError ? (
            <ProblemState title="This would be refused" id={lookError.id}>
              {lookError.message}
              {Array.isArray(lookError.facts['faults']) ? <Faults faults={lookError.facts['faults'] as { at: string; message: string }[]} /> : null}
            </ProblemState>
          ) : null}
          {what === null ? <p className="mb-3 text-muted">What would happen is asked of the broker as soon as something valid is changed.</p> : <WhatWouldHappen run={run} looking={looking} overrideParked={overrideParked} onOverrideParked={setOverrideParked} />}
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField label="Target topic" placeholder={frozen.originTopic ?? 'name one'} value={target} onChange={(event) => setTarget(event.target.value)} hint="Empty: where it came from." maxLength={249} />
            <SelectField
              label="Partition"
              value={partitioning}
              onChange={(event) => setPartitioning(event.target.value as '' | 'origin' | 'key')}
              options={[
                { value: '', label: edit.key === undefined ? "the origin's, else by key" : 'by the new key' },
                { value: 'origin', label: "the origin's" },
                { value: 'key', label: 'by key (Java client)' },
              ]}
            />
          </div>
        </Section>

        <Section title="Send">
          {sending.error ? (
            <ProblemState title="The replay was not started" id={sending.error.id}>
              {sending.error.message}
            </ProblemState>
          ) : null}
          <TextArea label="Reason" value={reason} onChange={(event) => setReason(event.target.value)} error={reasonError} hint="Kept with the replay and in the audit trail." required maxLength={1_000} rows={2} />
          <p className="my-3 text-xs text-muted">
            {fallback
              ? 'At least once: after a crash the record can appear twice.'
              : `The edited record appears exactly once to read_committed consumers of ${to}. read_uncommitted consumers (the Java client's default) may see an aborted attempt as well.`}
          </p>
          <Button look={fallback ? 'plain' : 'primary'} busy={sending.busy} disabledReason={cannot} onClick={() => void send()}>
            {`${run?.awaitsApproval ? 'Ask to replay' : 'Replay'} 1 edited record to ${to}${fallback ? ', at least once: duplicates are possible' : ''}`}
          </Button>
          {cannot ? <p className="mt-2 text-xs text-muted">{cannot}</p> : null}
        </Section>
      </div>
    </div>
  );
}

function Faults({ faults }: { faults: readonly { at: string; message: string }[] }): ReactNode {
  return (
    <ul className="mt-1 list-disc pl-5">
      {faults.slice(0, 10).map((fault) => (
        <li key={`${fault.at} ${fault.message}`}>
          <span className="font-mono text-xs">{fault.at || 'the value'}</span> {fault.message}
        </li>
      ))}
    </ul>
  );
}
