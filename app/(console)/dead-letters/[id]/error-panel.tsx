import type { ReactNode } from 'react';
import { isApplicationFrame, readStack, type ThrowableText } from '#lib/dead-letter/read-stack.ts';
import { formatNoun } from '#components/format.ts';

interface ErrorPanelProps {
  error: { class: string | null; rootClass: string | null; message: string | null; stack: string | null };
}

/** The error, first of all: class and message, then the causes with the application's own frames apart from the frameworks'. */
export function ErrorPanel({ error }: ErrorPanelProps): ReactNode {
  if (error.class === null && error.message === null && error.stack === null) {
    return (
      <section aria-label="Error" className="panel mb-4 px-4 py-3 text-muted">
        The record says nothing about what went wrong.
      </section>
    );
  }
  const chain = error.stack === null ? [] : readStack(error.stack, error.message === null ? [] : [error.message]).chain;
  return (
    <section aria-label="Error" className="panel mb-4 border-l-4 border-l-bad px-4 py-3">
      <p className="font-mono text-xs [overflow-wrap:anywhere] text-bad-ink">{error.class ?? 'no class conveyed'}</p>
      {error.message === null ? (
        <p className="mt-1 text-muted">The exception has no message.</p>
      ) : (
        <pre className="mt-1 max-h-60 overflow-auto font-sans text-base font-medium whitespace-pre-wrap [overflow-wrap:anywhere]">{error.message}</pre>
      )}
      {error.rootClass !== null && error.rootClass !== error.class ? (
        <p className="mt-1.5 text-muted">
          Root cause <span className="font-mono text-xs [overflow-wrap:anywhere] text-ink">{error.rootClass}</span>
          {chain.at(-1)?.message ? <span className="[overflow-wrap:anywhere]">: {chain.at(-1)?.message}</span> : null}
        </p>
      ) : null}
      {chain.length > 0 ? (
        <div className="mt-3 flex flex-col gap-1">
          {chain.map((item, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- causes of one trace never change places
            <Throwable key={index} item={item} index={index} open={item.class === error.class || (index === chain.length - 1 && index > 0)} />
          ))}
        </div>
      ) : null}
      {error.stack !== null ? (
        <details className="mt-2">
          <summary className="text-xs text-muted hover:text-ink">Stack trace as it was written</summary>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so a keyboard must reach it */}
          <pre tabIndex={0} className="mt-1 max-h-96 overflow-auto rounded-sm bg-sunken p-2 text-xs">
            {error.stack}
          </pre>
        </details>
      ) : (
        <p className="mt-2 text-xs text-muted">No stack trace was conveyed.</p>
      )}
    </section>
  );
}

function Throwable({ item, index, open }: { item: ThrowableText; index: number; open: boolean }): ReactNode {
  const groups: { application: boolean; frames: string[] }[] = [];
  for (const frame of item.frames) {
    const application = isApplicationFrame(frame);
    const last = groups.at(-1);
    if (last?.application === application) last.frames.push(frame);
    else groups.push({ application, frames: [frame] });
  }
  return (
    <details open={open} className="rounded-sm bg-sunken px-2 py-1">
      <summary className="[overflow-wrap:anywhere]">
        <span className="text-xs text-muted">{index === 0 ? 'thrown' : 'caused by'} </span>
        <span className="font-mono text-xs">{item.class}</span>
        {item.message ? <span className="text-muted">: {item.message.length > 300 ? `${item.message.slice(0, 300)}…` : item.message}</span> : null}
      </summary>
      {/* Focusable because long lines scroll sideways. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <section tabIndex={0} aria-label={index === 0 ? 'Frames where it was thrown' : `Frames of cause ${index}`} className="mt-1 overflow-x-auto pl-4 font-mono text-xs">
        {groups.length === 0 ? <p className="text-muted">no frames of its own</p> : null}
        {groups.map((group, at) =>
          group.application ? (
            // oxlint-disable-next-line react/no-array-index-key -- frames of one trace never change places
            <Frames key={at} frames={group.frames} />
          ) : (
            // oxlint-disable-next-line react/no-array-index-key -- frames of one trace never change places
            <details key={at} className="text-faint">
              <summary className="hover:text-ink">{formatNoun(group.frames.length, 'framework frame')}</summary>
              <ol className="pl-3">
                {group.frames.map((frame, line) => (
                  // oxlint-disable-next-line react/no-array-index-key -- frames of one trace never change places
                  <li key={line} className="whitespace-pre">
                    {frame}
                  </li>
                ))}
              </ol>
            </details>
          ),
        )}
      </section>
    </details>
  );
}

const RECURSION_SHOWN = 12;

function Frames({ frames }: { frames: readonly string[] }): ReactNode {
  const shown = frames.length > RECURSION_SHOWN + 4 ? frames.slice(0, RECURSION_SHOWN) : frames;
  return (
    <ol>
      {shown.map((frame, line) => (
        // oxlint-disable-next-line react/no-array-index-key -- frames of one trace never change places
        <li key={line} className="font-medium whitespace-pre text-ink">
          {frame}
        </li>
      ))}
      {shown.length < frames.length ? <li className="text-muted">{formatNoun(frames.length - shown.length, 'more application frame')}</li> : null}
    </ol>
  );
}
