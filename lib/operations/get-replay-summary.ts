import { z } from 'zod';
import { summariseReplay } from '#lib/replay/summarise-replay.ts';
import { parseDeadLetterId } from '#lib/model/replay.ts';
import { readSummaryFacts } from '#lib/store/replays/read-summary-facts.ts';
import type { Store } from '#lib/store/store.ts';
import { getReplay } from './get-replay.ts';
import type { WireReplayDetail } from './replay-wire.ts';

export const replaySummarySchema = z.object({
  /** Lines of plain text, for a ticket or a chat. */
  text: z.string(),
});

const LISTED = 100;

/**
 * A replay as text that a person can paste into an incident. `publicUrl` carries no slash at its end; the paths are those of components/links.ts.
 * @throws WaybillError `not-found` 404
 */
export async function getReplaySummary(store: Store, id: string, options: { publicUrl: string; now: Date }): Promise<z.infer<typeof replaySummarySchema>> {
  const replay = await getReplay(store, id);
  const facts = await readSummaryFacts(store, id, LISTED);
  const ms = (time: string | null) => (time === null ? null : Date.parse(time));
  return {
    text: summariseReplay(
      {
        ...replay,
        ...facts,
        selection: selectionWords(replay),
        rule: replay.ruleId === null ? null : 'a rule',
        createdAtMs: Date.parse(replay.createdAt),
        startedAtMs: ms(replay.startedAt),
        finishedAtMs: ms(replay.finishedAt),
        selected: replay.counts.selected,
        link: `${options.publicUrl}/replays/${id}`,
        // A record on a retry topic is no dead letter: it has no page.
        failedAgainLinks: facts.failedAgain.filter((ref) => parseDeadLetterId(ref) !== null).map((ref) => `${options.publicUrl}/dead-letters/${ref}`),
      },
      options.now.getTime(),
    ),
  };
}

function selectionWords({ selection }: WireReplayDetail): string {
  if ('ids' in selection) return `${selection.ids.toLocaleString('en-US')} chosen ${selection.ids === 1 ? 'record' : 'records'}`;
  return Object.entries(selection.filter).map(([name, value]) => `${name} ${value}`).join(', ') || 'all dead letters';
}
