'use client';

import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { LinkButton } from '#components/link-button.tsx';
import { links } from '#components/links.ts';
import { TextField } from '#components/text-field.tsx';

/** Picks the other side: the usual path, or another journey by whatever a person has of it. */
export function CompareWith({ id, other }: { id: string; other: string }): ReactNode {
  const router = useRouter();
  const [text, setText] = useState(other);
  return (
    <form
      className="mb-6 flex max-w-3xl flex-wrap items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        router.push(links.compareJourney(id, text.trim() || undefined));
      }}
    >
      <div className="min-w-0 flex-1 basis-64">
        <TextField label="Another journey" hideLabel name="with" placeholder="Correlation id, trace id or topic:partition@offset of another journey" value={text} maxLength={300} onChange={(event) => setText(event.target.value)} />
      </div>
      <Button type="submit" look="primary" disabledReason={text.trim() === '' ? 'Name another journey first' : null}>Compare with it</Button>
      {other === '' ? null : <LinkButton href={links.compareJourney(id)}>Compare with the usual path</LinkButton>}
    </form>
  );
}
