import type { ReactNode } from 'react';
import { formatCount, formatNoun } from '#components/format.ts';

export interface OutcomeFigures {
  /** null: still being counted. */
  selected: number | null;
  processed: number;
  failedAgain: number;
  refused: number;
  needsDecision: number;
  cancelled: number;
  /** Sent, and nothing more is known yet. */
  underWay: number;
  sent: number;
}

const PARTS = [
  { key: 'processed', word: 'processed', tone: 'bg-ok' },
  { key: 'failedAgain', word: 'failed again', tone: 'bg-bad' },
  { key: 'underWay', word: 'sent, outcome open', tone: 'bg-replayed' },
  { key: 'refused', word: 'refused', tone: 'bg-behind' },
  { key: 'needsDecision', word: 'need a decision', tone: 'bg-unknown hatched' },
  { key: 'cancelled', word: 'cancelled', tone: 'bg-line-strong' },
] as const;

/** A replay as one bar: what was selected, and how far each part of it has come. Its words say the same. */
export function OutcomeBar({ figures, legend = false }: { figures: OutcomeFigures; legend?: boolean }): ReactNode {
  const known = PARTS.reduce((sum, part) => sum + figures[part.key], 0);
  const total = Math.max(figures.selected ?? known, known, 1);
  const waiting = Math.max(0, (figures.selected ?? known) - known);
  const words = [...PARTS.filter((part) => figures[part.key] > 0).map((part) => `${formatCount(figures[part.key])} ${part.word}`), ...(waiting > 0 ? [`${formatCount(waiting)} waiting`] : [])];
  const sentence = `Of ${formatNoun(figures.selected ?? known, 'record')}: ${words.join(', ') || 'none sent yet'}.`;
  return (
    <div>
      <p className="sr-only">{sentence}</p>
      <div aria-hidden title={sentence} className={`flex w-full overflow-hidden rounded-sm bg-sunken ${legend ? 'h-4' : 'h-2'}`}>
        {PARTS.map((part) => (figures[part.key] > 0 ? <span key={part.key} className={part.tone} style={{ width: `${(figures[part.key] / total) * 100}%`, minWidth: 2 }} /> : null))}
      </div>
      {legend ? (
        <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1">
          {PARTS.map((part) =>
            figures[part.key] > 0 ? (
              <li key={part.key} className="flex items-center gap-1.5">
                <span aria-hidden className={`size-2.5 rounded-sm ${part.tone}`} />
                <b className="font-semibold">{formatCount(figures[part.key])}</b> {part.word}
              </li>
            ) : null,
          )}
          {waiting > 0 ? (
            <li className="flex items-center gap-1.5">
              <span aria-hidden className="size-2.5 rounded-sm border border-line-strong bg-sunken" />
              <b className="font-semibold">{formatCount(waiting)}</b> waiting
            </li>
          ) : null}
        </ul>
      ) : null}
    </div>
  );
}
