'use client';

import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { links } from '#components/links.ts';
import { TextField } from '#components/text-field.tsx';

/** One wide box for whatever a person has of an event. */
export function Finder({ text: initial }: { text: string }): ReactNode {
  const router = useRouter();
  const [text, setText] = useState(initial);
  return (
    <search className="mb-6 block max-w-3xl">
      <form
        className="flex items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = text.trim();
          router.push(wanted === '' ? links.journeys() : links.findJourney(wanted));
        }}
      >
        <div className="min-w-0 flex-1">
          <TextField
            label="Find an event by correlation id, trace id or topic:partition@offset"
            hideLabel
            type="search"
            name="q"
            placeholder="Correlation id, trace id or topic:partition@offset"
            hint={
              <>
                for example <code>4f6c-order-4711</code>, <code>0af7651916cd43dd8448eb211c80319c</code> or <code>orders:2@1043</code>
              </>
            }
            value={text}
            maxLength={300}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <Button type="submit" look="primary">
          Find journey
        </Button>
      </form>
    </search>
  );
}
