import { logVerbosity, Metadata, type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, setLogVerbosity } from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import { errorText, WaybillError } from '#lib/errors.ts';
import { encodeResponse } from '#lib/otlp/encode-response.ts';
import { OtlpRefusal } from '#lib/otlp/refusal.ts';
import { maySend, type RequestsBySource, TOKEN_NEEDED } from './allow-sender.ts';
import type { CollectorContext } from './context.ts';
import type { TraceIntake } from './trace-intake.ts';

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
/** Of one connection: each may hold a body before it is counted. */
const MOST_STREAMS = 16;
const DRAIN_MS = 2_000;

export interface GrpcReceiver {
  port: number;
  close(): Promise<void>;
}

/**
 * OTLP/gRPC beside OTLP/HTTP: the same token, limits, queue and commit before the answer. Refusals that pass carry RetryInfo, without which a client
 * may not try RESOURCE_EXHAUSTED again (OTLP 1.x, "OTLP/gRPC Throttling"). Bodies are taken as bytes: one decoder for every way in.
 * @throws WaybillError `port-in-use`
 */
export async function openGrpcReceiver({ config, log }: CollectorContext, { queue, budget, prepare }: TraceIntake, refusals: Record<string, number>, sources: RequestsBySource): Promise<GrpcReceiver> {
  const take = async (body: Buffer, authorization: string | undefined): Promise<Buffer> => {
    if (!maySend(authorization, config, sources)) throw new OtlpRefusal(401, TOKEN_NEEDED);
    queue.admit();
    budget.take(body.length);
    let storing;
    try {
      storing = queue.store(await prepare(body, 'protobuf'));
    } finally {
      budget.give(body.length);
    }
    const { rejected, errorMessage } = await storing;
    return encodeResponse('protobuf', rejected, errorMessage);
  };

  // It writes to the console what it also throws.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({ 'grpc.max_receive_message_length': config.otlpMaxBodyBytes, 'grpc.max_concurrent_streams': MOST_STREAMS });
  const bytes = (body: Buffer): Buffer => body;
  server.addService(
    { Export: { path: PATH, requestStream: false, responseStream: false, requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes } },
    {
      Export(call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
        const [authorization] = call.metadata.get('authorization');
        take(call.request, typeof authorization === 'string' ? authorization : undefined).then(
          (body) => answer(null, body),
          (error: unknown) => {
            const refusal = error instanceof OtlpRefusal ? error : new OtlpRefusal(500, 'The receiver failed. The log says why.');
            if (!(error instanceof OtlpRefusal)) log.error({ err: error }, 'a trace request failed');
            refusals[refusal.httpStatus] = (refusals[refusal.httpStatus] ?? 0) + 1;
            answer({ code: refusal.code, details: refusal.message, metadata: retryInfo(refusal) });
          },
        );
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${config.otlpHost.includes(':') ? `[${config.otlpHost}]` : config.otlpHost}:${config.otlpGrpcPort}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new WaybillError('port-in-use', `No traces can be received by gRPC on port ${config.otlpGrpcPort} of ${config.otlpHost}: ${errorText(error)}. Set WAYBILL_OTLP_GRPC_PORT to a free one, or leave it out.`, { cause: error }));
    });
  });
  return {
    port,
    async close() {
      await new Promise<void>((resolve) => {
        const cut = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, DRAIN_MS);
        server.tryShutdown(() => {
          clearTimeout(cut);
          resolve();
        });
      });
    },
  };
}

/** google.rpc.Status with a RetryInfo, as trailers carry it. */
function retryInfo({ code, message, retryAfterSeconds }: OtlpRefusal): Metadata {
  const metadata = new Metadata();
  if (retryAfterSeconds === undefined) return metadata;
  const status = protobuf.Writer.create();
  status.uint32(8).int32(code).uint32(18).string(message);
  status.uint32(26).fork().uint32(10).string('type.googleapis.com/google.rpc.RetryInfo').uint32(18).fork(); // Any
  status.uint32(10).fork().uint32(8).int64(retryAfterSeconds).ldelim(); // RetryInfo.retry_delay: a Duration's seconds
  status.ldelim().ldelim();
  metadata.set('grpc-status-details-bin', Buffer.from(status.finish()));
  return metadata;
}
