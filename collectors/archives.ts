import { runArchive } from '#lib/operations/run-archive.ts';
import { openArchives } from '#lib/store/dead-letters/archive-rows.ts';
import type { CollectorContext } from './context.ts';
import { runEvery } from './loop.ts';

const EVERY_MS = 2_000;
const ARCHIVES_A_RUN = 10;
/** So that a large one does not keep the others waiting. */
const CHUNKS_A_TURN = 20;

/** Works off what is to be archived or taken back and was more than a request does by itself, or was left by a process that died. */
export async function runArchivesCollector(context: CollectorContext): Promise<void> {
  const { store, clock } = context;
  await runEvery({ name: 'archives', everyMs: EVERY_MS, context }, async (signal) => {
    for (;;) {
      let open = 0;
      for (const id of await openArchives(store, ARCHIVES_A_RUN)) {
        if (signal.aborted) break;
        if (!(await runArchive(store, id, { now: () => clock.now(), maxChunks: CHUNKS_A_TURN, signal }))) open += 1;
      }
      if (open === 0 || signal.aborted) return { open };
    }
  });
}
