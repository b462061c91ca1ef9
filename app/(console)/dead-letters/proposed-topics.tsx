import type { ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { listProposedTopics } from '#lib/operations/list-dead-letter-topics.ts';
import type { Store } from '#lib/store/store.ts';

/** Says that topics look like dead letters and are not read; nothing where there are none. */
export async function ProposedTopics({ store, cluster }: { store: Store; cluster: string | undefined }): Promise<ReactNode> {
  const topics = await listProposedTopics(store, cluster);
  if (topics.length === 0) return null;
  return (
    <ProblemState severity="warning" title={`${formatNoun(topics.length, 'topic')} that nothing names ${topics.length === 1 ? 'looks' : 'look'} like dead letters or retries`} actions={<LinkButton small href={links.deadLetterTopics()}>Look at what was found</LinkButton>}>
      {topics.slice(0, 5).join(', ')}
      {topics.length > 5 ? ' …' : ''}: their records carry the headers of a known framework. They are not read until somebody decides.
    </ProblemState>
  );
}
