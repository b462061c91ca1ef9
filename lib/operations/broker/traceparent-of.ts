import { hash } from 'node:crypto';

/** The trace a replayed record starts: made from its replay-id, so that it can be found again without being stored. */
export function traceparentOf(replayRef: string): string {
  const digest = hash('sha256', replayRef, 'hex');
  return `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`;
}
