import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { NodeSDK } from '@opentelemetry/sdk-node';
import protobuf from 'protobufjs/minimal.js';
import { openStore, type Store } from '#lib/store/store.ts';
import { testStore } from '#test/harness/database.ts';
import { eventually } from '#test/harness/eventually.ts';
import { bodiesOf, spansOf } from '#test/journeys/corpus.ts';
import { testReceiver } from './receiver.ts';

const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const [body] = bodiesOf('java-clients').map((each) => each.body);

function client(t: TestContext, port: number | null): (body: Buffer, token?: string) => Promise<Buffer | ServiceError> {
  const channel = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  t.after(() => channel.close());
  const bytes = (each: Buffer): Buffer => each;
  return async (request, token) => {
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    return new Promise((resolve) => void channel.makeUnaryRequest(path, bytes, bytes, request, metadata, (error, answer) => resolve(error ?? answer!)));
  };
}

/** Seconds of the RetryInfo in the trailers, or null. */
function retryDelayOf(error: ServiceError): number | null {
  const [details] = error.metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(details)) return null;
  const status = protobuf.Reader.create(details);
  while (status.pos < status.len) {
    const tag = status.uint32();
    if (tag !== 26) {
      status.skipType(tag & 7);
      continue;
    }
    const any = protobuf.Reader.create(status.bytes());
    assert.deepEqual([any.uint32(), any.string()], [10, 'type.googleapis.com/google.rpc.RetryInfo']);
    assert.equal(any.uint32(), 18);
    const info = protobuf.Reader.create(any.bytes());
    assert.equal(info.uint32(), 10);
    const duration = protobuf.Reader.create(info.bytes());
    assert.equal(duration.uint32(), 8);
    return Number(duration.int64());
  }
  return null;
}

async function countSpans(store: Store): Promise<number> {
  const [row] = await store.query<{ count: number }>('select count(*)::int as count from span');
  return row!.count;
}

test("OpenTelemetry's own gRPC exporter sends gzipped spans with its token, and they are stored before it is answered", async (t) => {
  const store = await testStore(t);
  const receiver = await testReceiver(t, store, { otlpGrpcPort: 0, otlpSources: [{ name: 'mail', token: 'secret-0' }, { name: 'shop', token: 'secret-1' }] });
  receiver.context.clock.now = () => new Date();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${receiver.grpcPort}`;
  process.env['OTEL_EXPORTER_OTLP_COMPRESSION'] = 'gzip';
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'authorization=Bearer%20secret-1';
  const sdk = new NodeSDK({ serviceName: 'shop', autoDetectResources: false, instrumentations: [], metricReaders: [], logRecordProcessors: [], traceExporter: new OTLPTraceExporter() });
  sdk.start();
  for (let place = 0; place < 300; place++) trace.getTracer('test').startSpan('send orders', { attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' } }).end();
  await sdk.shutdown();
  assert.deepEqual(await store.query('select distinct service, topic, (select count(*)::int from span) as count from span'), [{ service: 'shop', topic: 'orders', count: 300 }]);
  assert.deepEqual([receiver.queue.counts.accepted, receiver.queue.counts.stored], [300, 300]);
  assert.deepEqual({ ...receiver.sources }, { shop: 1 });
});

test('gRPC and HTTP are one receiver: one queue, one token, one answer in part', async (t) => {
  const store = await testStore(t);
  const receiver = await testReceiver(t, store, { otlpGrpcPort: 0, otlpToken: 'secret-1' });
  const send = client(t, receiver.grpcPort);
  const refused = (await send(body!)) as ServiceError;
  assert.deepEqual([refused.code, retryDelayOf(refused)], [16, null]);
  assert.match(refused.details, /token/);
  assert.equal(((await send(body!, 'secret-2')) as ServiceError).code, 16);
  assert.deepEqual(await send(body!, 'secret-1'), Buffer.alloc(0));
  assert.deepEqual(await send(Buffer.alloc(0), 'secret-1'), Buffer.alloc(0), 'an empty request is a success');
  const first = await countSpans(store);
  assert.ok(first > 0 && first <= spansOf('java-clients').length);
  assert.deepEqual(await send(body!, 'secret-1'), Buffer.alloc(0));
  assert.deepEqual([receiver.queue.counts.stored, receiver.queue.counts.duplicate, await countSpans(store)], [first, first, first]);
  const broken = (await send(Buffer.from([10, 200, 1]), 'secret-1')) as ServiceError;
  assert.deepEqual([broken.code, retryDelayOf(broken)], [3, null]);
  // A span of 1970: partial success.
  const old = protobuf.Writer.create();
  old.uint32(10).fork().uint32(18).fork().uint32(18).fork().uint32(10).bytes(Buffer.alloc(16, 1)).uint32(18).bytes(Buffer.alloc(8, 1)).ldelim().ldelim().ldelim();
  assert.match(((await send(Buffer.from(old.finish()), 'secret-1')) as Buffer).toString(), /1 of 1 spans were rejected/);
  assert.deepEqual(receiver.refusals, { 400: 1, 401: 2 });
});

test('a body over the limit is refused, also where it is only large unpacked', async (t) => {
  const store = await testStore(t);
  const receiver = await testReceiver(t, store, { otlpGrpcPort: 0, otlpMaxBodyBytes: 10_000 });
  const tooLarge = (await client(t, receiver.grpcPort)(Buffer.alloc(10_001))) as ServiceError;
  assert.deepEqual([tooLarge.code, retryDelayOf(tooLarge)], [8, null], 'RESOURCE_EXHAUSTED without RetryInfo: not to be tried again');
  const zipped = new Client(`127.0.0.1:${receiver.grpcPort}`, credentials.createInsecure(), { 'grpc.default_compression_algorithm': 2 });
  t.after(() => zipped.close());
  const bytes = (each: Buffer): Buffer => each;
  const bomb = await new Promise<ServiceError | null>((resolve) => void zipped.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(5_000_000), new Metadata(), (error) => resolve(error)));
  assert.equal(bomb?.code, 8);
  assert.equal(await countSpans(store), 0);
});

test('a store that is down is UNAVAILABLE with the time to wait', async (t) => {
  const store = openStore('postgres://nobody@127.0.0.1:1/none');
  t.after(() => store.close());
  const receiver = await testReceiver(t, store, { otlpGrpcPort: 0 });
  const send = client(t, receiver.grpcPort);
  await eventually(async () => {
    const answer = (await send(body!)) as ServiceError;
    assert.deepEqual([answer.code, retryDelayOf(answer)], [14, 2]);
  });
  assert.equal(receiver.queue.counts.accepted, 0);
});

test('without a port for gRPC nothing listens, and one that is taken is named with its setting', async (t) => {
  const store = await testStore(t);
  assert.equal((await testReceiver(t, store)).grpcPort, null);
  const { grpcPort } = await testReceiver(t, store, { otlpGrpcPort: 0 });
  await assert.rejects(testReceiver(t, store, { otlpGrpcPort: grpcPort }), { code: 'port-in-use', message: /WAYBILL_OTLP_GRPC_PORT/ });
});
