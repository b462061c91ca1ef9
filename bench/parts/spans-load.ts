// The senders of bench/spans.ts: OTLP protobuf bodies like those of kafka services, a few made ahead and their ids and times changed in place.
import { randomFillSync } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import protobuf from 'protobufjs/minimal.js';

export interface LoadRequest {
  url: string;
  connections: number;
  spansPerRequest: number;
  seconds: number;
}

export interface LoadReport {
  elapsedSeconds: number;
  p50Ms: number;
  p99Ms: number;
  refused: number;
  bytesPerSpan: number;
}

process.once('message', (request: LoadRequest) => {
  run(request).then(
    (report) => process.send?.(report, () => process.disconnect()),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run({ url, connections, spansPerRequest, seconds }: LoadRequest): Promise<LoadReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  let refused = 0;
  let bytes = 0;
  let requests = 0;
  const began = performance.now();
  const until = began + seconds * 1_000;
  const sender = async (index: number) => {
    const template = makeTemplate(spansPerRequest, index);
    while (performance.now() < until) {
      refresh(template);
      const startedAt = performance.now();
      const status = await post(agent, url, template.body);
      latencies.push(performance.now() - startedAt);
      requests++;
      bytes += template.body.length;
      if (status !== 200) refused++;
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, index) => sender(index)));
  const elapsedSeconds = (performance.now() - began) / 1_000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0);
  return { elapsedSeconds, p50Ms: at(0.5), p99Ms: at(0.99), refused, bytesPerSpan: Math.round(bytes / requests / spansPerRequest) };
}

function post(agent: Agent, url: string, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method: 'POST', agent, headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

interface Template {
  body: Buffer;
  /** Places of each trace's id, 16 bytes. */
  traces: number[][];
  /** Places of each span's id and of the parent ids that repeat it, 8 bytes. */
  spans: number[][];
  /** Places of start and end times, with their distance from now. */
  times: { at: number; offsetNs: bigint }[];
  /** Places of correlation ids, 36 letters, by trace. */
  keys: number[][];
}

// One order through four services: HTTP, send, two handlers, a send and its handler, and inner work; about 620 bytes a span.
const shape: { service: number; name: string; kind: number; parent: number; topic: string | null; operation: string | null }[] = [
  { service: 0, name: 'POST /orders', kind: 2, parent: -1, topic: null, operation: null },
  { service: 0, name: 'send orders', kind: 4, parent: 0, topic: 'orders', operation: 'send' },
  { service: 1, name: 'process orders', kind: 5, parent: 1, topic: 'orders', operation: 'process' },
  { service: 1, name: 'charge card', kind: 1, parent: 2, topic: null, operation: null },
  { service: 1, name: 'send payments', kind: 4, parent: 2, topic: 'payments', operation: 'send' },
  { service: 2, name: 'process orders', kind: 5, parent: 1, topic: 'orders', operation: 'process' },
  { service: 3, name: 'process payments', kind: 5, parent: 4, topic: 'payments', operation: 'process' },
  { service: 3, name: 'render mail', kind: 1, parent: 6, topic: null, operation: null },
];

function makeTemplate(spansPerRequest: number, seed: number): Template {
  const marks = { traces: [] as number[][], spans: [] as number[][], times: [] as { at: number; offsetNs: bigint }[], keys: [] as number[][] };
  const orders = Math.ceil(spansPerRequest / shape.length);
  // Ids are first written as markers, then found again in the finished bytes.
  const root = protobuf.Writer.create();
  let written = 0;
  const spansOf = new Map<number, { order: number; place: number }[]>();
  for (let order = 0; order < orders; order++) for (let place = 0; place < shape.length && written < spansPerRequest; place++, written++) spansOf.set(shape[place]!.service, [...(spansOf.get(shape[place]!.service) ?? []), { order, place }]);
  for (const [service, spans] of spansOf) {
    root.uint32(10).fork();
    root.uint32(10).fork();
    attribute(root, 10, 'service.name', ['shop-api', 'payment', 'inventory', 'notification'][service]!);
    attribute(root, 10, 'service.instance.id', `bench-${seed}-${service}`);
    attribute(root, 10, 'deployment.environment.name', 'bench');
    root.ldelim();
    root.uint32(18).fork();
    root.uint32(10).fork().uint32(10).string('@opentelemetry/instrumentation-kafkajs').uint32(18).string('0.33.0').ldelim();
    for (const { order, place } of spans) writeSpan(root, order, place, seed);
    root.ldelim().ldelim();
  }
  const body = Buffer.from(root.finish());
  for (let order = 0; order < orders; order++) {
    marks.traces.push(findAll(body, traceMarker(order, seed)));
    marks.keys.push(findAll(body, Buffer.from(keyMarker(order, seed))));
    for (let place = 0; place < shape.length; place++) {
      const found = findAll(body, spanMarker(order, place, seed));
      if (found.length > 0) marks.spans.push(found);
    }
  }
  for (let place = 0; place < shape.length; place++) {
    for (const end of [0, 1]) for (const at of findAll(body, timeMarker(place, end))) marks.times.push({ at, offsetNs: BigInt(place * 5 + end * 4) * 1_000_000n });
  }
  return { body, ...marks };
}

function writeSpan(writer: protobuf.Writer, order: number, place: number, seed: number): void {
  const { name, kind, parent, topic, operation } = shape[place]!;
  writer.uint32(18).fork();
  writer.uint32(10).bytes(traceMarker(order, seed)).uint32(18).bytes(spanMarker(order, place, seed));
  if (parent >= 0) writer.uint32(34).bytes(spanMarker(order, parent, seed));
  writer.uint32(42).string(name).uint32(48).int32(kind);
  // A fixed64 is two fixed32 in a row; the writer's own takes no bigint.
  for (const [tag, end] of [[57, 0], [65, 1]] as const) writer.uint32(tag).fixed32(timeMarker(place, end).readUInt32LE(0)).fixed32(timeMarker(place, end).readUInt32LE(4));
  const values: [string, string][] = topic === null
    ? [['http.request.method', 'POST'], ['url.path', '/orders'], ['url.scheme', 'http'], ['server.address', 'shop.example'], ['http.route', '/orders'], ['user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'], ['network.protocol.version', '1.1'], ['code.function.name', 'handleOrder'], ['app.tenant', 'tenant-17'], ['http.response.status_code', '201'], ['http.request.header.x-correlation-id', keyMarker(order, seed)]]
    : [['messaging.system', 'kafka'], ['messaging.destination.name', topic], ['messaging.operation.name', operation!], ['messaging.operation.type', operation!], ['messaging.destination.partition.id', String(order % 12)], ['messaging.kafka.message.key', `customer-${order}`], ['messaging.client.id', 'shop-client-1'], ['messaging.kafka.cluster.id', 'ZKno-L30Qa2_AmTFNPrf4w'], ['messaging.message.conversation_id', keyMarker(order, seed)]];
  for (const [key, value] of values) attribute(writer, 74, key, value);
  writer.uint32(122).fork().ldelim();
  writer.ldelim();
}

function attribute(writer: protobuf.Writer, tag: number, key: string, value: string): void {
  writer.uint32(tag).fork().uint32(10).string(key).uint32(18).fork().uint32(10).string(value).ldelim().ldelim();
}

function traceMarker(order: number, seed: number): Buffer {
  return Buffer.from(`TRACE${String(seed).padStart(3, '0')}${String(order).padStart(8, '0')}`);
}
function spanMarker(order: number, place: number, seed: number): Buffer {
  return Buffer.from(`S${seed % 10}${String(order).padStart(4, '0')}${String(place).padStart(2, '0')}`);
}
function keyMarker(order: number, seed: number): string {
  return `KEY-${String(seed).padStart(3, '0')}-${String(order).padStart(8, '0')}-${'x'.repeat(19)}`;
}
function timeMarker(place: number, end: number): Buffer {
  return Buffer.from([0xfe, place, end, 0xfd, 0xfc, 0xfb, 0x7a, 0x11]);
}

function findAll(body: Buffer, marker: Buffer): number[] {
  const places: number[] = [];
  for (let at = body.indexOf(marker); at >= 0; at = body.indexOf(marker, at + 1)) places.push(at);
  return places;
}

const random = Buffer.alloc(64 * 1024);
let used = random.length;

function take(count: number): Buffer {
  if (used + count > random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += count;
  return random.subarray(used - count, used);
}

/** New ids and the present into the bytes: each request is of new orders. */
function refresh({ body, traces, spans, times, keys }: Template): void {
  for (const places of traces) {
    const id = take(16);
    for (const at of places) id.copy(body, at);
  }
  for (const places of spans) {
    const id = take(8);
    for (const at of places) id.copy(body, at);
  }
  for (const places of keys) {
    const id = take(18).toString('hex');
    for (const at of places) body.write(id, at, 'latin1');
  }
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  for (const { at, offsetNs } of times) body.writeBigUInt64LE(nowNs + offsetNs, at);
}
