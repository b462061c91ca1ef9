import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaLibsDir } from '#demo/broker/fetch-kafka.ts';
import { TOOLCHAIN_DIR } from '#lib/paths.ts';
import { freePort } from './check-port.ts';
import { chooseBroker } from './choose-broker.ts';
import { lockDataFolder } from './lock-data-folder.ts';
import { preparePostgres } from './prepare-postgres.ts';
import type { Progress } from './progress.ts';
import { Supervisor } from './supervisor.ts';

export interface TestServices {
  /** What the tests read: WAYBILL_TEST_DATABASE_URL, WAYBILL_TEST_KAFKA, WAYBILL_TEST_KAFKA_LIBS. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Starts one PostgreSQL and one Kafka in a temporary folder for tests or measurements. Those that the environment names already are used instead.
 * @param durable whether the database waits for the disk: measurements must, tests need not
 * @throws WaybillError where PostgreSQL or Kafka can't be had; nothing is left running then
 */
export async function startTestServices(env: NodeJS.ProcessEnv, options: { durable: boolean; progress: Progress; signal: AbortSignal }): Promise<TestServices> {
  const { progress, signal } = options;
  const folder = mkdtempSync(join(tmpdir(), 'waybill-test-'));
  chmodSync(folder, 0o711); // PostgreSQL runs as another user where we are root
  const data = lockDataFolder(join(folder, 'data'));
  const supervisor = new Supervisor(data, progress);
  const stop = async () => {
    await supervisor.stopAll();
    data.release();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [databaseUrl, kafka] = await Promise.all([
      env['WAYBILL_TEST_DATABASE_URL'] ||
        progress
          .step(
            'PostgreSQL for the tests',
            async () => {
              const postgres = await preparePostgres(data, options.durable ? {} : { fsync: 'off', max_connections: '200', autovacuum_naptime: '5min' });
              await supervisor.start(postgres.spec);
              return postgres;
            },
            ({ version }) => `PostgreSQL ${version} for the tests`,
          )
          .then(({ url }) => url),
      env['WAYBILL_TEST_KAFKA'] ||
        (async () => {
          const broker = await chooseBroker({ paths: data, env: { ...env, KAFKA_BROKERS: '', DEMO_KAFKA_PORT: String(await freePort()) }, brief: !options.durable, progress, signal });
          await progress.step(`${broker.title}, for the tests`, () => supervisor.start(broker.spec!));
          return broker.brokers;
        })(),
    ]);
    const libs = env['WAYBILL_TEST_KAFKA_LIBS'] || (existsSync(kafkaLibsDir(TOOLCHAIN_DIR)) ? kafkaLibsDir(TOOLCHAIN_DIR) : '');
    return { env: { WAYBILL_TEST_DATABASE_URL: databaseUrl, WAYBILL_TEST_KAFKA: kafka, ...(libs ? { WAYBILL_TEST_KAFKA_LIBS: libs } : {}) }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
