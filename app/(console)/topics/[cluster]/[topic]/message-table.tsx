'use client';

import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { formatBytes, formatCount, formatNoun } from '#components/format.ts';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { DecodedWire, MessageWire } from '#lib/operations/message-shape.ts';
import { previewOf, visibilityText } from './describe-message.ts';

interface MessageTableProps {
  messages: readonly MessageWire[];
  severalPartitions: boolean;
  /** "partition@offset" of the one that is open; empty: none. */
  opened: string;
  onOpen: (message: MessageWire) => void;
}

const TH = 'sticky top-0 border-b border-line bg-surface px-2.5 py-1.5 text-left font-medium text-muted';
const TD = 'border-b border-line px-2.5 py-1 align-top';

/** One message a row, in the order it was read. Arrow keys or J and K move, Enter opens. */
export function MessageTable({ messages, severalPartitions, opened, onOpen }: MessageTableProps): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  const onKeyDown = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const buttons = [...(body.current?.querySelectorAll<HTMLButtonElement>('button[data-row]') ?? [])];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const moves: Record<string, number> = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: buttons.length - 1 };
    const target = buttons[moves[event.key] ?? -1];
    if (at < 0 || !target) return;
    event.preventDefault();
    target.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways, so a keyboard must reach it
    <section tabIndex={0} aria-label="Messages, scrollable" className="panel overflow-x-auto">
      <table aria-label="Messages" className="w-full border-separate border-spacing-0 text-xs">
        <thead>
          <tr>
            <th scope="col" className={TH}>{severalPartitions ? 'Partition and offset' : 'Offset'}</th>
            <th scope="col" className={TH}>Time</th>
            <th scope="col" className={`${TH} max-md:hidden`}>Key</th>
            <th scope="col" className={`${TH} w-full`}>Value</th>
            <th scope="col" className={`${TH} text-right max-sm:hidden`}>Size</th>
            <th scope="col" className={`${TH} text-right max-lg:hidden`}>Headers</th>
          </tr>
        </thead>
        {/* The keys move between the rows' buttons, which are what has the focus. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <tbody ref={body} onKeyDown={onKeyDown}>
          {messages.map((message) => {
            const id = `${message.partition}@${message.offset}`;
            const marked = visibilityText(message.visibility);
            return (
              // The pointer may press anywhere in the row; the keyboard has the button in it.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
              <tr key={id} onClick={() => !window.getSelection()?.toString() && onOpen(message)} className={`cursor-pointer [content-visibility:auto] ${opened === id ? 'bg-accent-soft' : 'bg-surface hover:bg-hover'} ${marked ? 'text-muted' : ''}`}>
                <td className={`${TD} whitespace-nowrap`}>
                  <button type="button" data-row onClick={(event) => (event.stopPropagation(), onOpen(message))} className="rounded-sm font-mono tabular-nums hover:text-accent-ink hover:underline">
                    <span className="sr-only">Open message </span>
                    {severalPartitions ? <span className="text-muted">p{message.partition} @ </span> : null}
                    {formatCount(message.offset)}
                  </button>
                  {marked ? (
                    <span className="ml-1.5">
                      <StateChip state={message.visibility === 'aborted' ? 'failed' : 'in-flight'} label={marked.word} title={marked.hint} />
                    </span>
                  ) : null}
                </td>
                <td className={`${TD} whitespace-nowrap`} title={message.timestampType === 'log-append' ? 'when the broker appended it' : 'as its producer says'}>
                  {message.timestamp === null ? <span className="text-unknown-ink italic">none</span> : <RelativeTime at={message.timestamp} as="clock" />}
                </td>
                <td className={`${TD} max-w-56 truncate font-mono max-md:hidden`}>
                  <Part base64={message.keyBase64} bytes={message.keyBytes} decoded={message.key} />
                </td>
                <td className={`${TD} max-w-0 truncate font-mono ${marked ? 'line-through decoration-1' : ''}`}>
                  <Part base64={message.valueBase64} bytes={message.valueBytes} decoded={message.value} />
                </td>
                <td className={`${TD} text-right whitespace-nowrap tabular-nums max-sm:hidden`} title={`${formatCount(message.bytes)} bytes of key, value and headers`}>
                  {formatBytes(message.bytes)}
                </td>
                <td className={`${TD} text-right whitespace-nowrap max-lg:hidden`}>{message.headerCount === 0 ? <span className="text-faint">-</span> : formatNoun(message.headerCount, 'header')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Part({ base64, bytes, decoded }: { base64: string | null; bytes: number | null; decoded: DecodedWire | null }): ReactNode {
  const { text, kind } = previewOf(base64, bytes, decoded);
  switch (kind) {
    case 'null':
    case 'empty':
      return <em className="text-muted">{text}</em>;
    case 'error':
      return <span className="text-behind-ink">{text}</span>;
    case 'bytes':
      return <span className="text-muted">{text}</span>;
    case 'decoded':
    case null:
      return text;
  }
}
