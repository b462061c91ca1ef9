'use client';

import Link from 'next/link';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { SavedFilterWire } from '#lib/operations/saved-filter-shape.ts';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { links } from '#components/links.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { TextField } from '#components/text-field.tsx';
import { useAction } from '../alerts/use-action.ts';
import { describeFilter, savable, type Filter } from './filter.ts';

interface SavedFiltersProps {
  saved: readonly SavedFilterWire[];
  filter: Filter;
  /** Why this person can't save or change one; null where they can. */
  refused: string | null;
}

const PATH = '/api/v1/saved-filters';

/** Filters with a name: each a link, the one in force marked; operators save the present filter, rename and delete. */
export function SavedFilters({ saved, filter, refused }: SavedFiltersProps): ReactNode {
  const [open, setOpen] = useState<'save' | 'manage' | null>(null);
  const now = JSON.stringify(savable(filter));
  const here = saved.find((one) => JSON.stringify(savable(one.filter)) === now && filter.failure === undefined);
  const reason = refused ?? (filter.failure === undefined ? (now === '{}' ? 'Narrow the list down first.' : null) : 'The id of a failure changes when its rows are grouped anew: filter by class or topic instead.');
  return (
    <nav aria-label="Saved filters" className="mb-3 flex flex-wrap items-center gap-x-1 gap-y-1 text-xs">
      {saved.length > 0 ? <span className="mr-1 text-muted">Saved</span> : null}
      {saved.map((one) => (
        <Link
          key={one.id}
          href={links.deadLetters({ ...one.filter, view: 'rows' })}
          prefetch={false}
          aria-current={one === here ? 'page' : undefined}
          title={`${describeFilter(one.filter)}; saved by ${one.createdBy}`}
          className={`inline-flex h-7 max-w-full items-center rounded-md border px-2 ${one === here ? 'border-accent bg-accent-soft font-medium text-accent-ink' : 'border-line hover:bg-hover'}`}
        >
          <span className="min-w-0 truncate">{one.name}</span>
        </Link>
      ))}
      {here === undefined && (now !== '{}' || saved.length > 0) ? (
        <Button small look="quiet" disabledReason={reason} onClick={() => setOpen('save')}>
          Save this filter…
        </Button>
      ) : null}
      {saved.length > 0 ? (
        <Button small look="quiet" disabledReason={refused} onClick={() => setOpen('manage')}>
          Change saved filters…
        </Button>
      ) : null}
      <SaveDialog open={open === 'save'} onOpenChange={(to) => setOpen(to ? 'save' : null)} filter={filter} />
      <Dialog open={open === 'manage'} onOpenChange={(to) => setOpen(to ? 'manage' : null)} title="Saved filters" description="They are of this installation: everybody sees a change. The dead letters stay as they are.">
        <ul className="divide-y divide-line">
          {saved.map((one) => (
            <SavedFilter key={`${one.id} ${one.name}`} saved={one} />
          ))}
        </ul>
      </Dialog>
    </nav>
  );
}

function SaveDialog({ open, onOpenChange, filter }: { open: boolean; onOpenChange: (open: boolean) => void; filter: Filter }): ReactNode {
  const { busy, problem, run } = useAction();
  const save = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const name = new FormData(event.currentTarget).get('name');
    void run(() => callApi('POST', PATH, { name, filter: savable(filter) })).then((done) => done && onOpenChange(false));
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Save this filter"
      description={`Everybody finds it here: ${describeFilter(savable(filter))}.`}
      actions={
        <Button look="primary" type="submit" form="save-filter" busy={busy}>
          Save
        </Button>
      }
    >
      {problem ? <ProblemState title="The filter was not saved">{problem}</ProblemState> : null}
      <form id="save-filter" onSubmit={save}>
        <TextField label="Name" name="name" required maxLength={60} hint="What a colleague would look for: “payments, new”" />
      </form>
    </Dialog>
  );
}

function SavedFilter({ saved }: { saved: SavedFilterWire }): ReactNode {
  const { busy, problem, run } = useAction();
  const [sure, setSure] = useState(false);
  const path = `${PATH}/${saved.id}`;
  const rename = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const name = new FormData(event.currentTarget).get('name');
    void run(() => callApi('PATCH', path, { name }));
  };
  return (
    <li className="py-3">
      {problem ? <ProblemState title={`“${saved.name}” was not changed`}>{problem}</ProblemState> : null}
      <form onSubmit={rename} className="flex flex-wrap items-end gap-2">
        <div className="min-w-40 flex-1">
          <TextField label={`Name of ${saved.name}`} hideLabel name="name" required maxLength={60} defaultValue={saved.name} />
        </div>
        <Button type="submit" busy={busy}>
          Rename
        </Button>
        {sure ? (
          <Button look="danger" busy={busy} onClick={() => void run(() => callApi('DELETE', path))}>
            Delete for everybody
          </Button>
        ) : (
          <Button look="quiet" aria-label={`Delete ${saved.name}…`} onClick={() => setSure(true)}>
            Delete…
          </Button>
        )}
      </form>
      <p className="mt-1 text-xs text-muted [overflow-wrap:anywhere]">
        {describeFilter(saved.filter)}; saved by {saved.createdBy}
      </p>
    </li>
  );
}
