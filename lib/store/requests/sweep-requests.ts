import type { Statements } from '../store.ts';

/** How long an answer can be read. */
export const ANSWER_KEPT_MINUTES = 10;

/** Removes requests that are older than ten minutes, with their answers, and ends those whose deadline passed while nobody ran them. */
export async function sweepRequests(on: Statements): Promise<void> {
  await on.execute(
    `update broker_request set state = 'failed', ended_at = now(), error = $1
     where state in ('waiting', 'running') and deadline < now() - interval '5 seconds'`,
    [JSON.stringify({ code: 'broker-request-timeout', message: 'No collector answered in time.', retryable: true, status: 504 })],
  );
  await on.execute(`delete from broker_request_chunk where request_id in (select id from broker_request where created_at < now() - $1 * interval '1 minute')`, [ANSWER_KEPT_MINUTES]);
  await on.execute(`delete from broker_request where created_at < now() - $1 * interval '1 minute'`, [ANSWER_KEPT_MINUTES]);
}
