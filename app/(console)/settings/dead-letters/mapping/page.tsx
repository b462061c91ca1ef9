import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { links } from '#components/links.ts';
import { LinkButton } from '#components/link-button.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { headerMappingSchema } from '#lib/header-mapping.ts';
import { listDeadLetterTopics } from '#lib/operations/list-dead-letter-topics.ts';
import { pageContext } from '../../../../page-context.ts';
import { SettingsTabs } from '../../settings-tabs.tsx';
import { MappingWorkbench } from './mapping-workbench.tsx';

export const metadata: Metadata = { title: 'Home-made headers' };

/** Maps header names of a service's own to what Waybill knows of a dead letter, tried on real records. */
export default async function MappingPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { store, config } = await pageContext('administrator');
  const search = await searchParams;
  const text = (key: string) => (typeof search[key] === 'string' ? search[key] : '');
  const { items } = await listDeadLetterTopics(store, {});
  const clusters = config.clusters.map((cluster) => cluster.name);
  const cluster = clusters.includes(text('cluster')) ? text('cluster') : (clusters[0] ?? '');
  return (
    <>
      <SettingsTabs />
      <PageHeader
        title="Home-made headers"
        verdict="Say which header holds what, see it on real records, and put the lines into waybill.config.yaml. Nothing is changed here."
        actions={<LinkButton href={links.deadLetterTopics()}>Dead-letter topics</LinkButton>}
      />
      <MappingWorkbench
        key={`${cluster} ${text('topic')}`}
        clusters={clusters}
        cluster={cluster}
        topic={text('topic').slice(0, 249)}
        initial={readMapping(text('map')) ?? config.clusters.find((one) => one.name === cluster)?.deadLetters?.headers ?? {}}
        topics={items.map((item) => ({ cluster: item.cluster, topic: item.topic }))}
      />
    </>
  );
}

function readMapping(text: string): ReturnType<typeof headerMappingSchema.parse> | null {
  if (text === '' || text.length > 8_000) return null;
  try {
    const parsed = headerMappingSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
