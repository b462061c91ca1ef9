'use client';

import { Download } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ApiError } from '#components/call-api.ts';
import { formatBytes, formatCount } from '#components/format.ts';
import type { Masked } from '#components/masked-note.tsx';
import { decodeValue, hexRows } from './decode-value.ts';
import { JsonTree } from './json-tree.tsx';

interface ValueViewProps {
  keyBase64: string | null;
  keyGone: boolean;
  /** false: the key is shown elsewhere. */
  withKey?: boolean;
  /** The first bytes of the value; null: a tombstone, or not here. */
  valueBase64: string | null;
  /** Of the whole value; null: a tombstone. */
  valueBytes: number | null;
  body: 'stored' | 'by-reference' | 'expired';
  downloadHref: string;
  /** Where the beginning of a value that is not here is read from; left out: it is not to be had. */
  previewHref?: string;
  /** What a masking rule replaced; the note about it stands elsewhere. */
  masked: Masked | null;
  /** What to know before trusting the bytes. */
  note: string | null;
}

type View = 'json' | 'text' | 'hex';
const HEX_BYTES = 4_096;

/** Key and value as JSON tree, text or hex; whatever is in them is text, never markup. */
export function ValueView({ keyBase64, keyGone, withKey = true, valueBase64, valueBytes, body, downloadHref, previewHref, masked, note }: ValueViewProps): ReactNode {
  const [fetched, setFetched] = useState<string | null>(null);
  const shownBase64 = valueBase64 ?? fetched;
  const value = useMemo(() => (shownBase64 === null ? null : decodeValue(shownBase64)), [shownBase64]);
  // A masked text has another length than the value; where it was cut, it is no JSON.
  const whole = value !== null && valueBytes !== null && (masked?.value === 'parts' ? value.json !== undefined : value.bytes.length === valueBytes);
  const json = whole ? value.json : undefined;
  const views: View[] = [...(json === undefined ? [] : (['json'] as const)), ...(value !== null && value.text !== null ? (['text'] as const) : []), 'hex'];
  const [chosen, choose] = useState<View | null>(null);
  const view = chosen !== null && views.includes(chosen) ? chosen : (views[0] ?? 'hex');
  return (
    <div className="flex flex-col gap-3">
      {withKey ? (
        <div className="flex flex-wrap items-baseline gap-x-3">
          <span className="text-muted">Key</span>
          <KeyText keyBase64={keyBase64} gone={keyGone} />
        </div>
      ) : null}
      {note ? <p className="rounded-md bg-behind-soft px-3 py-1.5 text-behind-ink">{note}</p> : null}
      {valueBytes === null ? (
        <p className="panel px-4 py-3">
          <strong>Tombstone.</strong> <span className="text-muted">The value is null: in a compacted topic this deletes the key.</span>
        </p>
      ) : valueBytes === 0 ? (
        <p className="panel px-4 py-3">
          <strong>Empty value.</strong> <span className="text-muted">Zero bytes, which is not the same as a tombstone.</span>
        </p>
      ) : masked?.value === 'whole' ? (
        <p className="panel px-4 py-3">
          <strong>Hidden.</strong> <span className="text-muted">{formatBytes(valueBytes)} that a masking rule does not let be shown. {masked.reason}</span>
        </p>
      ) : value === null ? (
        <p className="panel px-4 py-3">
          <strong>{body === 'by-reference' ? `Too large to keep: ${formatBytes(valueBytes)}.` : 'Expired.'}</strong>{' '}
          <span className="text-muted">{body === 'by-reference' ? 'The store keeps its coordinate; the bytes are read from the broker.' : 'The stored bytes are gone; the broker may still have them.'}</span>{' '}
          <span className="mt-2 flex flex-wrap items-center gap-2">
            {previewHref === undefined ? null : <Preview href={previewHref} onRead={setFetched} />}
            <DownloadLink href={downloadHref} label={`Read ${formatBytes(valueBytes)} from the broker`} />
          </span>
        </p>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-2">
            <fieldset aria-label="Show the value as" className="flex rounded-md border border-line p-0.5">
              {views.map((each) => (
                <button
                  key={each}
                  type="button"
                  aria-pressed={view === each}
                  onClick={() => choose(each)}
                  className={`h-6 rounded-sm px-2.5 text-xs ${view === each ? 'bg-accent-soft font-medium text-accent-ink' : 'text-muted hover:text-ink'}`}
                >
                  {each === 'json' ? 'JSON' : each === 'text' ? 'Text' : 'Hex'}
                </button>
              ))}
            </fieldset>
            {value.wireFormat !== null ? <span className="text-xs text-muted">starts like a schema registry’s wire format, schema id {formatCount(value.wireFormat)}</span> : null}
            {value.text === null ? <span className="text-xs text-muted">not UTF-8 text</span> : null}
            <span className="ml-auto">
              <DownloadLink href={downloadHref} label={`Download ${formatBytes(valueBytes)}`} />
            </span>
          </div>
          {whole ? null : (
            <p className="text-xs text-behind-ink">
              The first {formatBytes(value.bytes.length)} of {formatBytes(valueBytes)}; the download has it all.
            </p>
          )}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so a keyboard must reach it */}
          <section tabIndex={0} aria-label="Value" className="panel max-h-[70vh] overflow-auto p-3 font-mono text-xs">
            {view === 'json' ? <JsonTree value={json} /> : view === 'text' ? <pre className="whitespace-pre-wrap [overflow-wrap:anywhere]">{value.text}</pre> : <Hex bytes={value.bytes} total={valueBytes} />}
          </section>
        </>
      )}
    </div>
  );
}

/** Reads the beginning of a value from the broker, when a person asks for it. */
function Preview({ href, onRead }: { href: string; onRead: (base64: string) => void }): ReactNode {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const read = async () => {
    setBusy(true);
    setProblem(null);
    try {
      onRead(await readBase64(href));
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : 'Waybill does not answer. Check that it is running, then try again.');
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button small busy={busy} onClick={() => void read()}>
        Show its beginning
      </Button>
      {problem === null ? null : (
        <span role="alert" className="basis-full text-bad-ink">
          {problem}
        </span>
      )}
    </>
  );
}

/** @throws ApiError with the sentence to show */
async function readBase64(href: string): Promise<string> {
  const response = await fetch(href, { credentials: 'same-origin' });
  if (!response.ok) {
    const refused = (await response.json().catch(() => null)) as ConstructorParameters<typeof ApiError>[0] | null;
    throw new ApiError(refused?.code ? refused : { code: 'bad-answer', status: response.status, detail: `Waybill answered ${response.status} without saying why.` });
  }
  // In pieces: a call takes only so many arguments.
  const bytes = new Uint8Array(await response.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}

function DownloadLink({ href, label }: { href: string; label: string }): ReactNode {
  return (
    <a href={href} download className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line bg-surface px-2 text-xs hover:bg-hover">
      <Download aria-hidden size={13} />
      {label}
    </a>
  );
}

function KeyText({ keyBase64, gone }: { keyBase64: string | null; gone: boolean }): ReactNode {
  if (gone) return <em className="text-muted">expired</em>;
  if (keyBase64 === null) return <em className="text-muted">null</em>;
  if (keyBase64 === '') return <em className="text-muted">empty</em>;
  const { text, bytes } = decodeValue(keyBase64);
  if (text !== null) return <code className="[overflow-wrap:anywhere]">{text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text}</code>;
  return <code className="break-all">{[...bytes.subarray(0, 256)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}</code>;
}

function Hex({ bytes, total }: { bytes: Uint8Array; total: number }): ReactNode {
  const [limit, setLimit] = useState(HEX_BYTES);
  const rows = hexRows(bytes.subarray(0, limit));
  return (
    <>
      <pre>
        {rows.map((row) => (
          <span key={row.at} className="block">
            <span className="text-faint">{row.at}</span> {row.hex} <span className="text-muted">{row.text}</span>
          </span>
        ))}
      </pre>
      {limit < bytes.length ? (
        <button type="button" className="mt-2 text-accent-ink hover:underline" onClick={() => setLimit((known) => known * 4)}>
          Show more of {formatBytes(total)}
        </button>
      ) : null}
    </>
  );
}
