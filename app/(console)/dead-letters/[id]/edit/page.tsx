import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { editableContext } from '#app/editable-context.ts';
import { pageContext } from '#app/page-context.ts';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { PageHeader } from '#components/page-header.tsx';
import { ProblemState } from '#components/problem-state.tsx';
import { WaybillError } from '#lib/errors.ts';
import type { WireEditable } from '#lib/operations/edit-wire.ts';
import { readEditable } from '#lib/operations/read-editable.ts';
import { Editor } from './editor.tsx';

export const metadata: Metadata = { title: 'Edit and replay' };

export default async function EditPage({ params }: { params: Promise<{ id: string }> }): Promise<ReactNode> {
  const { store, principal, config } = await pageContext('operator');
  const { id } = await params;
  let editable: WireEditable | null = null;
  let problem: WaybillError | null = null;
  try {
    editable = (await readEditable(store, id, { principal: principal.name, ...editableContext(config) })).wire;
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    if (error.status === 404) notFound();
    problem = error;
  }
  const origin = editable?.originTopic ?? null;
  return (
    <>
      <PageHeader
        title="Edit and replay"
        verdict={`One dead letter, sent ${origin === null ? '' : `to ${origin} `}with what you change here. The dead letter keeps its own bytes; the record that is sent says in its headers that it was edited, by whom, and the hash of the original.`}
        actions={<LinkButton href={links.deadLetter(id)}>Back to the dead letter</LinkButton>}
      />
      {problem ? (
        <ProblemState title="What can be edited is not known">{problem.message} The value begins like a schema registry’s wire format, and only a collector can ask the registry.</ProblemState>
      ) : editable?.refusal ? (
        <ProblemState title="This dead letter cannot be edited">{editable.refusal}</ProblemState>
      ) : editable ? (
        <Editor editable={editable} />
      ) : null}
    </>
  );
}
