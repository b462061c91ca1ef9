import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { lockDataFolder } from '../../launcher/lock-data-folder.ts';
import { launch, takePort, temporaryFolder } from './run-launcher.ts';

async function refusal(t: TestContext, args: string[], env: Record<string, string>): Promise<string> {
  const launched = launch(t, args, env);
  assert.equal(await launched.exited, 1, launched.output());
  const lines = launched.output().trim().split('\n');
  assert.equal(lines.length, 1, `one sentence, not:\n${launched.output()}`);
  return lines[0]!;
}

// Nothing listens there; no refusal below gets as far as asking it.
const CLUSTER = { KAFKA_BROKERS: '127.0.0.1:1' };

test('a port in use is named with the variable that changes it', async (t) => {
  const port = await takePort(t);
  assert.match(await refusal(t, ['start'], { ...CLUSTER, WAYBILL_DATA_DIR: join(temporaryFolder(t), 'data'), PORT: String(port) }), new RegExp(`^waybill: Port ${port} \\(the web\\) is in use by another program: .*set PORT`));
});

test('the OTLP port in use is named too', async (t) => {
  const port = await takePort(t);
  const line = await refusal(t, ['collect'], { ...CLUSTER, WAYBILL_DATA_DIR: join(temporaryFolder(t), 'data'), OTLP_PORT: String(port) });
  assert.match(line, new RegExp(`Port ${port} \\(the OTLP receiver\\).*OTLP_PORT`));
});

test('a second start on the same data folder names the process that holds it', async (t) => {
  const dataDir = join(temporaryFolder(t), 'data');
  const holder = lockDataFolder(dataDir);
  t.after(() => holder.release());
  assert.match(await refusal(t, ['start'], { ...CLUSTER, WAYBILL_DATA_DIR: dataDir }), new RegExp(`already runs on .*data \\(process ${process.pid}\\).*WAYBILL_DATA_DIR`));
});

test('a file where the data folder should be is said in one sentence', async (t) => {
  const file = join(temporaryFolder(t), 'data');
  writeFileSync(file, '');
  assert.match(await refusal(t, ['start'], { ...CLUSTER, WAYBILL_DATA_DIR: join(file, 'below') }), /The data folder .* can't be used: a file is in the way/);
  assert.match(await refusal(t, ['start'], { ...CLUSTER, WAYBILL_DATA_DIR: file }), /The data folder .* can't be used: a file is in the way/);
});

test('a data folder where nobody may write is refused, for root too', async (t) => {
  assert.match(await refusal(t, ['start'], { ...CLUSTER, WAYBILL_DATA_DIR: '/proc/waybill' }), /The data folder \/proc\/waybill can't be used: (it cannot be created|this user may not write there|it is read-only)/);
});

test('a full disk is refused before anything is written to it', (t) => {
  assert.throws(() => lockDataFolder(join(temporaryFolder(t), 'data'), Number.MAX_SAFE_INTEGER), { code: 'data-folder-full', message: /is full \(\d+ MB free/ });
});

test('an address that others reach needs an https public URL', async (t) => {
  const env = { ...CLUSTER, WAYBILL_DATA_DIR: join(temporaryFolder(t), 'data'), WAYBILL_HOST: '0.0.0.0' };
  assert.match(await refusal(t, ['start'], env), /WAYBILL_HOST=0\.0\.0\.0 .* WAYBILL_PUBLIC_URL has to be the https address/);
  assert.match(await refusal(t, ['web'], { ...env, WAYBILL_PUBLIC_URL: 'http://waybill.example.com' }), /https/);
});

test('without a cluster the start says how to name one', async (t) => {
  assert.match(await refusal(t, ['start'], { WAYBILL_DATA_DIR: join(temporaryFolder(t), 'data') }), /No Kafka cluster is named: set KAFKA_BROKERS/);
});

test("somebody else's database needs a key from outside", async (t) => {
  const line = await refusal(t, ['collect', '--only', 'retention'], { ...CLUSTER, WAYBILL_DATA_DIR: join(temporaryFolder(t), 'data'), DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/waybill' });
  assert.match(line, /WAYBILL_SECRET_KEY has to be set too.*openssl rand/);
});

test('a database that does not answer is named without its password', async (t) => {
  const launched = launch(t, ['collect', '--only', 'retention'], {
    ...CLUSTER,
    WAYBILL_DATA_DIR: join(temporaryFolder(t), 'data'),
    DATABASE_URL: 'postgresql://nobody:hidden@127.0.0.1:1/waybill',
    WAYBILL_SECRET_KEY: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
  });
  assert.equal(await launched.exited, 1);
  assert.match(launched.output(), /The PostgreSQL of DATABASE_URL \(postgresql:\/\/nobody@127\.0\.0\.1:1\/waybill\) can't be used: .*ECONNREFUSED/);
  assert.doesNotMatch(launched.output(), /hidden/);
});

test('the demo with a broker that does not answer says so', async (t) => {
  const taken = await takePort(t); // accepts connections and never answers
  const launched = launch(t, ['demo'], { KAFKA_BROKERS: `127.0.0.1:${taken},nonsense`, WAYBILL_DATA_DIR: join(temporaryFolder(t), 'data') });
  assert.equal(await launched.exited, 1);
  assert.match(launched.output(), /KAFKA_BROKERS.*host:port/);
});

test('an unknown command or option names those that exist', async (t) => {
  assert.match(await refusal(t, ['deom'], {}), /There is no command "deom"\. There are: demo, start/);
  assert.match(await refusal(t, ['start', '--port', '1'], {}), /Unknown option '--port'/);
  assert.match(await refusal(t, ['test', 'everything'], {}), /There is no part "everything" of the tests/);
});
