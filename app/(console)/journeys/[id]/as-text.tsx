'use client';

import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { CopyDialog } from '#components/copy-dialog.tsx';
import type { JourneyWire } from '#lib/operations/journey-wire.ts';
import { incidentText } from './incident-text.ts';

/** The journey as text for an incident. */
export function AsText({ journey }: { journey: JourneyWire }): ReactNode {
  const [text, setText] = useState<string | null>(null);
  return (
    <>
      <Button onClick={() => setText(incidentText(journey, window.location.origin + window.location.pathname))}>As text…</Button>
      <CopyDialog open={text !== null} onOpenChange={(open) => !open && setText(null)} title="This journey as text" description="For a ticket or a chat, as of now." label="Journey" action="Copy the text" text={text} />
    </>
  );
}
