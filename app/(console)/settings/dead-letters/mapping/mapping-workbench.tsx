'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { ApiError, callApi } from '#components/call-api.ts';
import { CopyText } from '#components/copy-text.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { formatCount, formatNoun } from '#components/format.ts';
import { links } from '#components/links.ts';
import { Section } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { SelectField, TextField } from '#components/text-field.tsx';
import type { ConfiguredHeaders } from '#lib/model/header-mapping.ts';
import type { MappingPreview } from '#lib/operations/preview-header-mapping.ts';
import { FieldRows } from './field-rows.tsx';
import { compact } from './mapping-fields.ts';
import { PreviewTable } from './preview-table.tsx';

interface MappingWorkbenchProps {
  clusters: readonly string[];
  cluster: string;
  /** Empty: none is chosen yet. */
  topic: string;
  /** From the address, else what the configuration has. */
  initial: ConfiguredHeaders;
  /** Suggestions: those that are read or proposed. */
  topics: readonly { cluster: string; topic: string }[];
}

const SETTLE_MS = 350;

/** Topic, its headers, the mapping, what it reads from real records, and the lines for the configuration. */
export function MappingWorkbench({ clusters, cluster, topic, initial, topics }: MappingWorkbenchProps): ReactNode {
  const router = useRouter();
  const [mapping, setMapping] = useState<ConfiguredHeaders>(initial);
  const [preview, setPreview] = useState<MappingPreview | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [reading, setReading] = useState(topic !== '');
  const body = useMemo(() => compact(mapping), [mapping]);
  const text = JSON.stringify(body);

  useEffect(() => {
    if (topic === '') return;
    const stop = new AbortController();
    // The address holds the mapping, so that it can be sent to a colleague.
    window.history.replaceState(null, '', links.headerMapping({ cluster, topic, map: text === '{}' ? null : text }));
    const timer = setTimeout(() => {
      setReading(true);
      const usable = ['topic', 'errorClass', 'errorMessage', 'errorStack'].some((field) => field in (JSON.parse(text) as object));
      callApi<MappingPreview>('POST', '/api/v1/dead-letters/mapping-preview', { cluster, topic, ...(usable ? { headers: JSON.parse(text) as unknown } : {}) }, { signal: stop.signal }).then(
        (answer) => {
          setPreview(answer);
          setProblem(null);
          setReading(false);
        },
        (failure: unknown) => {
          if (stop.signal.aborted) return;
          setProblem(failure instanceof ApiError ? failure : new ApiError({ code: 'unexpected', status: 0, detail: String(failure) }));
          setReading(false);
        },
      );
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [cluster, topic, text]);

  const choose = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => {
      const value = form.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    router.push(links.headerMapping({ cluster: field('cluster') || cluster, topic: field('topic'), map: text === '{}' ? null : text }));
  };

  return (
    <>
      <form onSubmit={choose} className="mb-4 flex flex-wrap items-end gap-3">
        {clusters.length > 1 ? (
          <div className="w-40">
            <SelectField label="Cluster" name="cluster" defaultValue={cluster} options={clusters.map((name) => ({ value: name, label: name }))} />
          </div>
        ) : null}
        <div className="min-w-0 flex-1 sm:max-w-md">
          <TextField label="Topic" name="topic" defaultValue={topic} required maxLength={249} list="mapping-topics" placeholder="orders-dead" />
          <datalist id="mapping-topics">
            {topics.slice(0, 500).map((one) => (
              <option key={`${one.cluster} ${one.topic}`} value={one.topic}>
                {one.cluster}
              </option>
            ))}
          </datalist>
        </div>
        <Button look="primary" type="submit">
          Read its headers
        </Button>
      </form>
      {topic === '' ? (
        <EmptyState title="Choose a topic whose records carry headers of your own">
          The newest records are read: dead letters that Waybill has stored, else what lies on the broker. Any topic can be tried, also one that is not read as dead letters yet.
        </EmptyState>
      ) : null}
      {problem ? (
        <ProblemState title={problem.code === 'no-dead-letters' ? `There is nothing to try on ${topic}` : 'The records could not be read'} id={problem.id}>
          {problem.message}
        </ProblemState>
      ) : null}
      {preview === null ? (
        topic !== '' && problem === null ? (
          <output className="block text-muted">Reading the newest records of {topic}…</output>
        ) : null
      ) : (
        <div className={problem ? 'opacity-60' : undefined}>
          <output className="mb-3 block text-muted">
            {formatNoun(preview.records.length, 'record')} {preview.source === 'store' ? 'that Waybill has stored' : 'read from the broker just now'}, with {formatNoun(preview.headers.length, 'header name')}.
            {preview.yaml === null ? ' Map the origin’s topic or an error first: by that header a record is recognised.' : ` The mapping is recognised on ${formatCount(preview.recognised)}; ${formatCount(preview.mapped)} tell the origin’s topic.`}
            {reading ? ' Reading again…' : ''}
          </output>
          <Section title="What the headers hold">
            <FieldRows headers={preview.headers} mapping={mapping} onChange={setMapping} />
          </Section>
          <Section title="As it would be read" aside="the newest records, before and after">
            <PreviewTable preview={preview} />
          </Section>
          <Section title="For waybill.config.yaml" aside={`under the cluster ${cluster}, then restart`}>
            {preview.yaml === null ? <p className="text-muted">The lines appear here once the mapping can be recognised.</p> : <CopyText lines text={preview.yaml} label="Lines for the configuration" action="Copy the lines" />}
            <p className="mt-2 text-muted">It is configuration and not stored here, so that every process reads the same and a change can be reviewed. After a restart stored dead letters are read again with it.</p>
          </Section>
        </div>
      )}
    </>
  );
}
