'use client';

import { useRef, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { formatBytes } from '#components/format.ts';
import type { WireEditable } from '#lib/operations/edit-wire.ts';
import type { DraftHeader } from './draft.ts';

interface HeadersEditorProps {
  headers: DraftHeader[];
  editable: WireEditable;
  onChange: (headers: DraftHeader[]) => void;
}

const FIELD = 'h-7 w-full min-w-32 rounded-md border border-line-strong bg-surface px-2 font-mono text-xs text-ink disabled:bg-sunken disabled:text-muted';

/** Headers in the order of the wire. What is not text stays as it is or goes; what belongs to the failure is not sent on anyway. */
export function HeadersEditor({ headers, editable, onChange }: HeadersEditorProps): ReactNode {
  const nextId = useRef(-1);
  if (editable.headersRefusal !== null) return <p className="text-muted">{editable.headersRefusal}</p>;
  const change = (id: number, to: Partial<DraftHeader>) => onChange(headers.map((one) => (one.id === id ? { ...one, ...to } : one)));
  const add = () => {
    onChange([...headers, { id: nextId.current, original: null, name: '', value: '', isNull: false, removed: false }]);
    nextId.current -= 1;
  };
  return (
    <>
      {headers.length === 0 ? <p className="mb-2 text-muted">The record has no headers.</p> : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, so a keyboard must reach it
        <section tabIndex={0} aria-label="Headers to send" className="panel mb-2 overflow-x-auto">
          <table className="w-full text-left text-xs">
            <thead className="text-muted">
              <tr>
                <th scope="col" className="border-b border-line px-2.5 py-1.5 font-medium">Name</th>
                <th scope="col" className="border-b border-line px-2.5 py-1.5 font-medium">Value</th>
                <th scope="col" className="border-b border-line px-2.5 py-1.5 font-medium">
                  <span className="sr-only">Action</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {headers.map((one, index) => {
                const was = one.original === null ? null : (editable.headers[one.original] ?? null);
                const place = `header ${index + 1}${one.name ? `, ${one.name}` : ''}`;
                return (
                  <tr key={one.id} className="align-top">
                    <td className={`w-1/3 min-w-32 border-b border-line px-2.5 py-1.5 font-mono [overflow-wrap:anywhere] ${one.removed || was?.leftOut ? 'text-muted line-through' : ''}`}>
                      {one.original === null ? <input className={FIELD} aria-label={`Name of ${place}`} value={one.name} maxLength={1_000} onChange={(event) => change(one.id, { name: event.target.value })} /> : one.name}
                    </td>
                    <td className="border-b border-line px-2.5 py-1.5">
                      {was?.leftOut ? (
                        <span className="text-muted">not sent on, whatever it says</span>
                      ) : one.removed ? (
                        <span className="text-muted">removed</span>
                      ) : one.isNull ? (
                        <em className="text-muted">null</em>
                      ) : was && !was.editable ? (
                        <span className="text-muted">{formatBytes(was.bytes)}, {was.text === null ? 'not a short text' : 'of several lines'}: sent as it is</span>
                      ) : (
                        <input className={FIELD} aria-label={`Value of ${place}`} value={one.value} maxLength={65_536} onChange={(event) => change(one.id, { value: event.target.value })} />
                      )}
                    </td>
                    <td className="border-b border-line px-2.5 py-1 text-right whitespace-nowrap">
                      {was?.leftOut ? null : (
                        <>
                          {one.removed || (was && !was.editable) ? null : (
                            <Button small look="quiet" aria-label={`${one.isNull ? 'Text instead of null' : 'Null'} for ${place}`} onClick={() => change(one.id, { isNull: !one.isNull })}>
                              {one.isNull ? 'Text' : 'Null'}
                            </Button>
                          )}
                          <Button small look="quiet" aria-label={`${one.removed ? 'Keep' : 'Remove'} ${place}`} onClick={() => (one.original === null ? onChange(headers.filter((other) => other.id !== one.id)) : change(one.id, { removed: !one.removed }))}>
                            {one.removed ? 'Keep' : 'Remove'}
                          </Button>
                        </>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
      <Button small disabledReason={headers.length >= 200 ? 'Up to 200 headers can be edited here.' : null} onClick={add}>
        Add a header
      </Button>
    </>
  );
}
