// A process that is killed with SIGKILL while it lets a rule run: node rule-child.ts '<json>'
import { runReplayRules } from '#lib/operations/run-replay-rules.ts';
import { openStore } from '#lib/store/store.ts';

const settings = JSON.parse(process.argv[2]!) as { databaseUrl: string; now: string; die: string };
await runReplayRules(openStore(settings.databaseUrl, { poolSize: 2 }), {
  now: new Date(settings.now),
  approval: { policy: { kind: 'none' }, forMs: 1_000 },
  signal: new AbortController().signal,
  failpoint: async (point) => {
    if (point !== settings.die) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  },
});
