import { WaybillError } from '#lib/errors.ts';
import { refuseSchedule, type ReplaySchedule } from '#lib/replay/schedule.ts';
import type { ReplayRequest } from './replay-wire.ts';

/**
 * When a request wants its replay to start; null: at once.
 * @throws WaybillError `start-invalid` 400
 */
export function readSchedule(body: Pick<ReplayRequest, 'startAt' | 'startBy'>, now: Date): ReplaySchedule | null {
  if (body.startAt === undefined) {
    if (body.startBy !== undefined) throw new WaybillError('start-invalid', 'startBy says how late a replay may start: it needs startAt.', { status: 400 });
    return null;
  }
  const schedule = { startAt: new Date(body.startAt), startBy: body.startBy === undefined ? null : new Date(body.startBy) };
  const refusal = refuseSchedule(schedule, now);
  if (refusal !== null) throw new WaybillError('start-invalid', refusal, { status: 400, detail: { startAt: body.startAt, startBy: body.startBy ?? null } });
  return schedule;
}
