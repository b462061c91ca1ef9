import type { Broker } from '#lib/brokers/broker.ts';
import { errorText, WaybillError } from '#lib/errors.ts';
import type { Dialect } from '#lib/dead-letter/dialects.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import type { SchemaRegistry } from '#lib/schema-registry/open-schema-registry.ts';
import { addChunk } from '#lib/store/requests/add-chunk.ts';
import type { ClaimedRequest } from '#lib/store/requests/claim-requests.ts';
import { endRequest, type RequestProblem } from '#lib/store/requests/end-request.ts';
import type { Statements, Store } from '#lib/store/store.ts';
import { requestKinds } from './request-kinds.ts';

/** Parts of an answer may hold this much JSON in all. */
const MAX_ANSWER_CHARS = 64 * 1024 * 1024;

/** Runs one claimed request to its end and stores its answer, or why there is none. Never throws but for the store. */
export async function runRequest(input: { store: Store; broker: Broker; schemas: SchemaRegistry | null; masking: Masking; dialects: readonly Dialect[]; headersToStrip: (dialect: string | null) => readonly string[]; request: ClaimedRequest; signal: AbortSignal }): Promise<void> {
  const { store, broker, schemas, masking, dialects, headersToStrip, request, signal } = input;
  const deadline = AbortSignal.timeout(Math.max(1, Math.round(request.leftMs)));
  const either = AbortSignal.any([signal, deadline]);
  let number = 0;
  let chars = 0;
  let problem: RequestProblem | null = null;
  const done: ((tx: Statements) => Promise<void>)[] = [];
  try {
    const kind = Object.hasOwn(requestKinds, request.kind) ? requestKinds[request.kind] : undefined;
    if (!kind) throw new WaybillError('unknown-request', `This collector knows no request "${request.kind}": web and collectors must be of the same version.`, { status: 501 });
    const params = kind.params.safeParse(request.params);
    if (!params.success) throw new WaybillError('invalid-request', `${request.kind}: ${params.error.issues[0]?.message ?? 'the parameters are not valid'}`, { status: 400 });
    const work = kind.run(params.data, {
      store,
      broker,
      schemas,
      masking,
      dialects,
      headersToStrip,
      clusterId: request.clusterId,
      principal: request.principal,
      signal: either,
      atEnd: (work) => void done.push(work),
      async emit(part) {
        either.throwIfAborted();
        chars += JSON.stringify(part).length;
        if (chars > MAX_ANSWER_CHARS) throw new WaybillError('answer-too-large', 'The answer is too large: ask for less.', { status: 413 });
        if (!(await addChunk(store, request.id, number, part))) throw new WaybillError('cancelled', 'The request was cancelled.', { status: 499 });
        number++;
      },
    });
    // A change is not left half way: what was done must be known, and each of its requests to a broker has a timeout of its own.
    if (kind.changes) await work;
    else await Promise.race([work, new Promise<never>((_, reject) => either.addEventListener('abort', () => reject(either.reason as Error), { once: true }))]);
  } catch (error) {
    if (deadline.aborted) problem = { code: 'broker-request-timeout', message: 'The broker did not answer in time.', retryable: true, status: 504 };
    else if (error instanceof WaybillError) problem = { code: error.code, message: error.message, retryable: error.retryable, status: error.status };
    else problem = { code: 'broker-request-failed', message: errorText(error), retryable: true, status: 502 };
  }
  await endRequest(store, request.id, problem, done);
}
