/** Wakes a loop from its pause (LoopOptions.wake). A ring that comes while the loop is at work is not lost: the next pause ends at once. */
export interface Bell {
  ring(): void;
  /** The loop is about to look: rings from now on are for the next time. */
  heard(): void;
  wait: (until: AbortSignal) => Promise<void>;
}

export function hangBell(): Bell {
  const waiting = new Set<() => void>();
  let rung = false;
  return {
    ring() {
      rung = true;
      for (const wake of waiting) wake();
    },
    heard() {
      rung = false;
    },
    wait: (until) =>
      new Promise<void>((resolve) => {
        const done = () => {
          waiting.delete(done);
          until.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        if (rung) done();
        until.addEventListener('abort', done, { once: true });
      }),
  };
}
