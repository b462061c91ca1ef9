'use client';

import { useState, type ReactNode } from 'react';
import { formatNoun } from '#components/format.ts';
import { RawNumber } from './decode-value.ts';

const SHOWN = 100;

/** JSON as a tree. Branches are drawn when they are opened, so that depth and width cost nothing until somebody looks. */
export function JsonTree({ value }: { value: unknown }): ReactNode {
  return <Node value={value} open />;
}

function Node({ name, value, open = false }: { name?: string; value: unknown; open?: boolean }): ReactNode {
  if (typeof value !== 'object' || value === null || value instanceof RawNumber) {
    return (
      <div className="pl-4 [overflow-wrap:anywhere]">
        <Name name={name} />
        <Leaf value={value} />
      </div>
    );
  }
  return <Branch {...(name === undefined ? {} : { name })} value={value} open={open} />;
}

function Branch({ name, value, open }: { name?: string; value: object; open: boolean }): ReactNode {
  const [opened, setOpened] = useState(open);
  const [limit, setLimit] = useState(SHOWN);
  const list = Array.isArray(value);
  const entries: [string, unknown][] = opened ? (list ? value.slice(0, limit).map((item, index): [string, unknown] => [String(index), item]) : Object.entries(value).slice(0, limit)) : [];
  const size = list ? value.length : Object.keys(value).length;
  return (
    <details open={opened} onToggle={(event) => event.target === event.currentTarget && setOpened(event.currentTarget.open)} className="pl-4">
      <summary className="-ml-4 pl-1">
        <Name name={name} />
        <span className="text-muted">{list ? `[${formatNoun(size, 'item')}]` : `{${formatNoun(size, 'field')}}`}</span>
      </summary>
      {entries.map(([key, item]) => (
        // Fields of the first levels are open: most events fit on a screen.
        <Node key={key} name={key} value={item} open={open && name === undefined} />
      ))}
      {opened && size > limit ? (
        <button type="button" className="pl-4 text-accent-ink hover:underline" onClick={() => setLimit((known) => known * 10)}>
          {formatNoun(size - limit, 'more')}
        </button>
      ) : null}
    </details>
  );
}

function Name({ name }: { name?: string | undefined }): ReactNode {
  return name === undefined ? null : <span className="text-accent-ink">{name}: </span>;
}

function Leaf({ value }: { value: unknown }): ReactNode {
  if (value === null) return <span className="text-muted italic">null</span>;
  if (typeof value === 'string') return <span className="text-ok-ink">&quot;{value}&quot;</span>;
  return <span className="text-replayed-ink">{value instanceof RawNumber ? value.text : JSON.stringify(value)}</span>;
}
