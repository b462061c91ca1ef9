import { recordAudit } from '#lib/access/record-audit.ts';
import { decideStart } from '#lib/replay/schedule.ts';
import { addReplayEvent } from '#lib/store/replays/hold-replay.ts';
import { leaveSchedule, lockDueReplays } from '#lib/store/replays/scheduled-replays.ts';
import type { Store } from '#lib/store/store.ts';

const AT_ONCE = 100;

/**
 * Gives scheduled replays whose time has come to the workers, late ones too unless they said otherwise: those end as "missed". One
 * transaction; two processes share the work.
 */
export async function startDueReplays(store: Store, now: Date): Promise<{ started: number; missed: number }> {
  return store.transaction(async (tx) => {
    const figures = { started: 0, missed: 0 };
    for (const replay of await lockDueReplays(tx, now, AT_ONCE)) {
      const starts = decideStart(replay, now) === 'start';
      const lateSeconds = Math.round((now.getTime() - replay.startAt.getTime()) / 1_000);
      await leaveSchedule(tx, replay.id, starts ? 'queued' : 'cancelled', now);
      await addReplayEvent(tx, replay.id, starts ? 'due' : 'missed', null, { lateSeconds });
      if (!starts) {
        await recordAudit(tx, 'waybill', { action: 'replay.missed', target: replay.id, reason: 'Waybill was not running between its start and its latest start.', after: { startAt: replay.startAt, startBy: replay.startBy } });
      }
      await store.notify('replays', { replay: replay.id }, tx);
      figures[starts ? 'started' : 'missed'] += 1;
    }
    return figures;
  });
}
