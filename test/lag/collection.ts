import type { TestContext } from 'node:test';
import type { Broker } from '#lib/brokers/broker.ts';
import { type BrokerRegistry, openBrokerRegistry } from '#lib/brokers/registry.ts';
import type { TransactionTimes } from '#lib/lag/watch-blocked.ts';
import { type OffsetsCollection, openOffsetsCollection } from '#lib/operations/broker/collect-offsets.ts';
import type { Store } from '#lib/store/store.ts';
import { testBrokers } from '#test/harness/kafka.ts';

export interface TestCollection {
  collection: OffsetsCollection;
  registry: BrokerRegistry;
  /** One cycle. */
  cycle: () => ReturnType<OffsetsCollection['collect']>;
}

/** A collection of the test cluster into `store`, with its client closed at the end of the test. `wrap` puts a fault in front of the broker. */
export function testCollection(t: Pick<TestContext, 'after'>, store: Store, options: { name?: string; clientId?: string; names?: string[]; wrap?: (broker: Broker) => Broker; intervalMs?: number; transactionTimes?: TransactionTimes } = {}): TestCollection {
  const name = options.name ?? 'test';
  const registry = openBrokerRegistry([{ name, brokers: testBrokers() }], { clientId: options.clientId ?? 'waybill-test' });
  t.after(() => registry.close());
  const real = registry.get(name);
  const collection = openOffsetsCollection({ store, broker: options.wrap?.(real) ?? real, configuredNames: options.names ?? [name], intervalMs: options.intervalMs ?? 10_000, onIdentified: (id) => registry.bind(id, name), ...(options.transactionTimes ? { transactionTimes: options.transactionTimes } : {}) });
  return { collection, registry, cycle: () => collection.collect({ now: new Date(), signal: AbortSignal.timeout(60_000) }) };
}
