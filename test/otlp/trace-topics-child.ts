// A process of its own that reads a topic of traces, so that a test can kill it.
import { pino } from 'pino';
import { openBrokerRegistry } from '#lib/brokers/registry.ts';
import { loadConfig } from '#lib/config.ts';
import { openStore } from '#lib/store/store.ts';
import { runTraceTopicsCollector } from '../../collectors/trace-topics.ts';

export interface ChildRequest {
  databaseUrl: string;
  brokers: string[];
  topic: string;
  group: string;
  nowMs: number;
}

process.once('message', (request) => {
  const { databaseUrl, brokers, topic, group, nowMs } = request as ChildRequest;
  const config = { ...loadConfig({ NODE_ENV: 'test' }, '/nowhere'), clusters: [{ name: 'test', brokers, traceTopics: { topics: [topic], encoding: 'otlp_json' as const, group } }] };
  void runTraceTopicsCollector({ store: openStore(databaseUrl), config, clock: { now: () => new Date(nowMs) }, log: pino({ level: 'silent' }), brokers: openBrokerRegistry(config.clusters), holder: `child:${process.pid}`, signal: new AbortController().signal });
});
process.once('disconnect', () => process.exit());
