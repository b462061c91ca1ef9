'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

/** Runs calls to the API one at a time, keeps the sentence of the one that failed, and reads the page anew after one that worked. */
export function useAction(): { busy: boolean; problem: string | null; clear: () => void; run: (work: () => Promise<void>) => Promise<boolean> } {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (work: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      router.refresh();
      return true;
    } catch (error) {
      setProblem((error as Error).message);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, clear: () => setProblem(null), run };
}
