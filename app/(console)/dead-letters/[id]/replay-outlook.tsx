'use client';

import Link from 'next/link';
import { useEffect, useState, type ReactNode } from 'react';
import type { WireReaders } from '#lib/operations/list-readers.ts';
import type { WireOriginLook } from '#lib/operations/origin-look-wire.ts';
import { Button } from '#components/button.tsx';
import { ApiError, callApi } from '#components/call-api.ts';
import { formatBytes, formatCount, formatDuration, formatNoun } from '#components/format.ts';
import { links, withQuery } from '#components/links.ts';

interface ReplayOutlookProps {
  id: string;
  cluster: string;
  originTopic: string | null;
  /** Whose consumer failed; null: not conveyed. */
  originGroup: string | null;
  valueBytes: number | null;
  body: 'stored' | 'by-reference' | 'expired';
  /** null: not known. */
  readers: WireReaders | null;
}

/** What a replay would meet on the origin topic: the original, newer records of the same key, and who reads it. The broker is asked after the page is shown. */
export function ReplayOutlook({ id, cluster, originTopic, originGroup, valueBytes, body, readers }: ReplayOutlookProps): ReactNode {
  const [further, setFurther] = useState(false);
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<{ of: string; look: WireOriginLook | null; error: ApiError | null }>({ of: '', look: null, error: null });
  const of = `${id} ${further} ${round}`;
  // Nothing to ask where the origin is unknown and the bytes are here.
  const asks = originTopic !== null || body !== 'stored';
  useEffect(() => {
    if (!asks) return undefined;
    const stop = new AbortController();
    callApi<WireOriginLook>('GET', withQuery(`/api/v1/dead-letters/${encodeURIComponent(id)}/origin`, further ? { further: 'true' } : {}), undefined, { signal: stop.signal }).then(
      (look) => setAnswer({ of, look, error: null }),
      (error: unknown) => !stop.signal.aborted && setAnswer((known) => ({ of, look: known.look, error: error as ApiError })),
    );
    return () => stop.abort();
  }, [id, further, of, asks]);
  if (!asks) return null;

  const asking = answer.of !== of;
  // What was found before stays while more is looked for; another dead letter's is never shown.
  const look = answer.of.startsWith(`${id} `) ? answer.look : null;
  const error = asking ? null : answer.error;
  const waiting = <span className="text-muted">asking the broker…</span>;
  const failed = error ? (
    <span className="text-unknown-ink">
      unknown: {error.message}{' '}
      <Button small look="quiet" onClick={() => setRound((known) => known + 1)}>
        Ask again
      </Button>
    </span>
  ) : null;
  return (
    <section aria-label="If it is replayed" aria-busy={asking} className="panel mb-4 px-4 py-3">
      <h2 className="mb-2 font-semibold [overflow-wrap:anywhere]">If it is replayed{originTopic === null ? '' : ` to ${originTopic}`}</h2>
      <dl className="grid gap-x-4 [overflow-wrap:anywhere] max-sm:[&>dd]:mb-2 sm:grid-cols-[max-content_minmax(0,1fr)] sm:gap-y-1">
        {body === 'stored' ? null : (
          <>
            <dt className="text-muted">Its bytes</dt>
            <dd className="min-w-0">{failed ?? (look === null ? waiting : <Bytes bytes={look.bytes} body={body} />)}</dd>
          </>
        )}
        <dt className="text-muted">Original</dt>
        <dd className="min-w-0">{(body === 'stored' ? failed : error && <span className="text-unknown-ink">unknown</span>) ?? (look === null ? waiting : <Original look={look} valueBytes={valueBytes} />)}</dd>
        <dt className="text-muted">Newer records of its key</dt>
        <dd className="min-w-0">
          {failed ? <span className="text-unknown-ink">unknown</span> : look === null ? waiting : <Newer look={look} cluster={cluster} />}{' '}
          {look !== null && !look.newer.complete && look.newer.read > 0 && look.original.state !== 'another' && !further ? (
            <Button small look="quiet" busy={asking} onClick={() => setFurther(true)}>
              Search further, up to a minute
            </Button>
          ) : null}
          {asking && look !== null ? waiting : null}
        </dd>
        <dt className="text-muted">Seen by</dt>
        <dd className="min-w-0">
          {originTopic === null ? <span className="text-unknown-ink">unknown: the record does not say which topic it came from</span> : <Readers readers={readers} cluster={cluster} originTopic={originTopic} originGroup={originGroup} />}
        </dd>
      </dl>
    </section>
  );
}

const WARN = 'text-behind-ink';

function Bytes({ bytes, body }: { bytes: WireOriginLook['bytes']; body: ReplayOutlookProps['body'] }): ReactNode {
  const here = body === 'by-reference' ? 'too large to be kept here' : 'expired here';
  if (bytes.state === 'gone') return <span className={WARN}>{body === 'by-reference' ? `${here}, and gone at the broker` : 'expired here and at the broker'}: there is nothing to send or to read{bytes.why === null ? '' : ` (${bytes.why})`}</span>;
  if (bytes.state === 'at-broker') return `${here}, still at the broker: the download reads them there`;
  return <span className="text-unknown-ink">{here}; whether the broker still has them is unknown{bytes.why === null ? '' : `: ${bytes.why}`}</span>;
}

function Original({ look, valueBytes }: { look: WireOriginLook; valueBytes: number | null }): ReactNode {
  const { original, at } = look;
  const place = at === null ? '' : `p${at.partition}@${formatCount(at.offset)}`;
  switch (original.state) {
    case 'same':
      return `still at ${place}, with the same key and value`;
    case 'same-json':
      return `still at ${place}; the value says the same in other bytes, as a serialiser wrote it anew`;
    case 'differs':
      return (
        <span className={WARN}>
          at {place}, and not the same: {differences(look, valueBytes).join('; ')}
        </span>
      );
    case 'another':
      return <span className={WARN}>another record lies at {place}: the topic may have been deleted and made anew</span>;
    case 'unknown':
      return <span className="text-unknown-ink">not compared: {original.why ?? 'the reason is unknown'}</span>;
  }
}

function differences({ original }: WireOriginLook, valueBytes: number | null): string[] {
  const parts: string[] = [];
  if (original.key !== null && original.key !== 'same') parts.push(original.key === 'missing-here' ? 'the key is missing here' : original.key === 'missing-there' ? 'the original has no key' : 'the keys differ');
  if (original.value === 'missing-here') parts.push(valueBytes === null ? `no value here, ${formatBytes(original.valueBytes)} there: a replay sends a tombstone` : `an empty value here, ${formatBytes(original.valueBytes)} there`);
  else if (original.value === 'missing-there') parts.push(original.valueBytes === null ? 'the original is a tombstone' : 'the original’s value is empty');
  else if (original.value === 'differs') parts.push(`the value has ${formatNoun(valueBytes ?? 0, 'byte')} here, ${formatNoun(original.valueBytes ?? 0, 'byte')} there`);
  return [...parts, 'what is sent are the bytes here'];
}

function Newer({ look, cluster }: { look: WireOriginLook; cluster: string }): ReactNode {
  const { newer, at } = look;
  if (newer.state === 'none') return `none: p${at?.partition ?? ''} was read to its end (${formatNoun(newer.read, 'record')})`;
  if (newer.state === 'unknown' || newer.last === null || at === null) return <span className="text-unknown-ink">unknown: {newer.why ?? 'the reason is unknown'}</span>;
  const { last } = newer;
  return (
    <span className={WARN}>
      {newer.complete ? '' : 'at least '}
      {formatCount(newer.count)}, the last at{' '}
      <Link href={links.topic(cluster, at.topic, { tab: 'messages', order: 'oldest', from: 'offset', offset: last.offset, partitions: at.partition })} prefetch={false} className="underline underline-offset-2">
        p{at.partition}@{formatCount(last.offset)}
      </Link>
      {last.laterMs === null ? '' : last.laterMs < 0 ? `, ${formatDuration(-last.laterMs)} earlier by its timestamp` : `, ${formatDuration(last.laterMs)} later`}: a replay puts the older state after it
    </span>
  );
}

function Readers({ readers, cluster, originTopic, originGroup }: { readers: WireReaders | null; cluster: string; originTopic: string; originGroup: string | null }): ReactNode {
  if (readers === null) return <span className="text-unknown-ink">unknown: {originTopic} is not among the topics that were collected</span>;
  if (readers.total === 0) return 'no group commits on it: nobody may read the replay';
  return (
    <>
      {readers.readers.map(({ group, status }, index) => (
        <span key={group}>
          {index > 0 ? ', ' : ''}
          <Link href={links.group(cluster, group)} prefetch={false} className="text-accent-ink hover:underline">
            {group}
          </Link>
          {group === originGroup ? ' (failed here)' : ''}
          {status === 'ok' ? '' : <span className="text-muted"> · {status.replaceAll('-', ' ')}</span>}
        </span>
      ))}
      {readers.total > readers.readers.length ? ` and ${formatCount(readers.total - readers.readers.length)} more` : ''}
      {readers.total > 1 ? <span className="text-muted">: each of them sees the record again</span> : null}
    </>
  );
}
