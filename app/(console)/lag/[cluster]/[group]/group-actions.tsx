'use client';

import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { Section } from '#components/page-header.tsx';
import { onDemand } from '#components/on-demand.tsx';
import { whyStateUnchangeable, whyTypeUnchangeable } from '#lib/lag/may-change-group.ts';

// Most visits look and change nothing: the dialog is loaded when it is asked for.
const ChangeDialog = onDemand(() => import('./change-dialog.tsx').then((module) => module.ChangeDialog));

export type Change = 'reset-offsets' | 'delete-offsets' | 'delete-group';

export interface ChangeableGroup {
  cluster: string;
  group: string;
  type: string;
  state: string;
  members: number | null;
  topics: readonly string[];
}

/** What an operator can do to a group: reset its offsets, forget a topic, delete it. Each says its exact effect before it does anything. */
export function GroupActions({ group, refused }: { group: ChangeableGroup; refused: string | null }): ReactNode {
  const [open, setOpen] = useState<Change | null>(null);
  const never = refused ?? whyTypeUnchangeable(group.type);
  const busy = never ?? whyStateUnchangeable(group.group, group.state, group.members);
  const forget = never ?? (group.topics.length === 0 ? `${group.group} never committed: there is nothing to forget.` : null);
  const reason = never ?? busy;
  return (
    <Section title="Actions">
      <div className="panel flex flex-wrap items-center gap-2 p-4">
        <Button disabledReason={busy} onClick={() => setOpen('reset-offsets')}>
          Reset offsets…
        </Button>
        <Button disabledReason={forget} onClick={() => setOpen('delete-offsets')}>
          Forget a topic…
        </Button>
        <Button look="danger" disabledReason={busy} onClick={() => setOpen('delete-group')}>
          Delete the group…
        </Button>
        {reason ? <p className="min-w-0 flex-1 basis-72 text-xs text-muted">{reason}</p> : null}
      </div>
      {open ? <ChangeDialog change={open} group={group} onClose={() => setOpen(null)} /> : null}
    </Section>
  );
}
