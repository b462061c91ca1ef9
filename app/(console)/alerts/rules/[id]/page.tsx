import { redirect } from 'next/navigation';
import { links } from '#components/links.ts';
import { pageContext } from '../../../../page-context.ts';

/** A rule's own address: the list of rules with it marked. */
export default async function RulePage({ params }: { params: Promise<{ id: string }> }): Promise<never> {
  await pageContext('viewer');
  redirect(links.rules({ rule: (await params).id }));
}
