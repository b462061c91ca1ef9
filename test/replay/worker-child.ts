// A worker that is killed with SIGKILL at a failpoint: node worker-child.ts '<json>'
import { openStore } from '#lib/store/store.ts';
import { work } from './worker.ts';

const settings = JSON.parse(process.argv[2]!) as { databaseUrl: string; clusterId: number; holder: string; die: string; after: number; batchSize: number; chunkSize: number; leaseMs: number };
const store = openStore(settings.databaseUrl, { poolSize: 3 });
let passed = 0;
const end = await work(store, settings.clusterId, {
  ...settings,
  failpoint: async (point) => {
    if (point !== settings.die || (passed += 1) <= settings.after) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  },
});
await store.close();
console.log(end);
