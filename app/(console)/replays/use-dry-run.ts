import { useEffect, useState } from 'react';
import { type ApiError, callApi } from '#components/call-api.ts';
import type { WireDryRun } from '#lib/operations/replay-wire.ts';

export interface DryRunLook {
  /** The body that was asked about; another one than the present: the answer is on its way. */
  of: string;
  run: WireDryRun | null;
  error: ApiError | null;
}

/**
 * What a dry run says of a replay's body, asked anew where it changed.
 * @param what the body as JSON, without reason and dryRun; null while there is nothing to ask
 * @param afterMs how long it must stand: typing does not ask the broker with each key
 */
export function useDryRun(path: string, what: string | null, afterMs: number): DryRunLook {
  const [look, setLook] = useState<DryRunLook>({ of: '', run: null, error: null });
  useEffect(() => {
    if (what === null) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      callApi<WireDryRun>('POST', path, { ...(JSON.parse(what) as object), reason: 'dry run', dryRun: true }, { signal: stop.signal }).then(
        (run) => setLook({ of: what, run, error: null }),
        (error: unknown) => !stop.signal.aborted && setLook({ of: what, run: null, error: error as ApiError }),
      );
    }, afterMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [what, path, afterMs]);
  return look;
}
