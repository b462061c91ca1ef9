// A deliveries collector in a process of its own, so that a test can kill it.
import { systemClock } from '#lib/clock.ts';
import { openStore } from '#lib/store/store.ts';
import { runDeliveriesCollector } from '../../collectors/deliveries.ts';
import { collectorContext } from './context.ts';

const store = openStore(process.env['DATABASE_URL'] ?? '');
const context = collectorContext(store, systemClock, new AbortController().signal, 'child:1');
await runDeliveriesCollector({ ...context, config: { ...context.config, secretKey: process.env['WAYBILL_SECRET_KEY'] ?? null } });
