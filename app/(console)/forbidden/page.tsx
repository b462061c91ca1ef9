import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { LinkButton } from '#components/link-button.tsx';
import { PageHeader } from '#components/page-header.tsx';
import { links } from '#components/links.ts';
import { ROLES } from '#lib/model/access.ts';
import { pageContext } from '../../page-context.ts';

export const metadata: Metadata = { title: 'Not allowed' };

export default async function ForbiddenPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { principal } = await pageContext('viewer');
  const { needs } = await searchParams;
  const role = ROLES.find((one) => one === needs) ?? 'higher';
  return (
    <>
      <PageHeader title="Not allowed" verdict={`That page needs the role ${role}. You are ${principal.name} with the role ${principal.role}. Ask an administrator for a sign-in link or a token with that role.`} />
      <LinkButton href={links.overview()}>Back to the overview</LinkButton>
    </>
  );
}
