/** On every button that gives up exactly once: what it does and what it costs. */
export const AT_LEAST_ONCE_LABEL = 'Replay at least once: duplicates are possible';

/** Errors of the broker that name the rights which only transactions need. */
const RIGHTS = /TRANSACTIONAL_ID_AUTHORIZATION_FAILED|GROUP_AUTHORIZATION_FAILED/;

/** Whether a replay stands still because the rights for transactions are missing, before it claimed or sent anything: then, and only then, it may change its mode. */
export function lacksTransactionRights(replay: { state: string; mode: string; lastError: string | null; states: Readonly<Record<string, number>> }): boolean {
  return replay.state === 'needs-decision' && replay.mode === 'exactly-once' && Object.keys(replay.states).length === 0 && RIGHTS.test(replay.lastError ?? '');
}
