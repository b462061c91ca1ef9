'use client';

import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { Dialog } from '#components/dialog.tsx';
import { TextField } from '#components/text-field.tsx';

interface CompareDialogProps {
  cluster: string;
  group: string;
  onClose: () => void;
  onChoose: (group: string) => void;
}

/** Another group of the cluster to lay over the charts. */
export function CompareDialog({ cluster, group, onClose, onChoose }: CompareDialogProps): ReactNode {
  const [text, setText] = useState('');
  const [found, setFound] = useState<readonly string[] | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      callApi<{ items: { group: string }[] }>('GET', `/api/v1/clusters/${encodeURIComponent(cluster)}/groups?limit=20&search=${encodeURIComponent(text)}`, undefined, { signal: stop.signal }).then(
        (answer) => setFound(answer.items.map((item) => item.group).filter((name) => name !== group)),
        () => undefined,
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [cluster, group, text]);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Compare ${group} with`} description="Its time behind, its lag and what it consumes lie on the same axes." actions={<Button onClick={onClose}>Cancel</Button>}>
      <TextField label="Group" value={text} autoComplete="off" onChange={(event) => setText(event.target.value)} />
      <ul className="mt-2 grid gap-1" aria-label="Groups found">
        {found?.map((name) => (
          <li key={name}>
            <Button look="quiet" className="w-full justify-start!" onClick={() => onChoose(name)}>
              <span className="truncate">{name}</span>
            </Button>
          </li>
        ))}
      </ul>
      {found?.length === 0 ? <p className="mt-2 text-muted">No other group of {cluster} has this in its name.</p> : null}
    </Dialog>
  );
}
