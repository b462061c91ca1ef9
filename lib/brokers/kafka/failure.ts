import { protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka';
import type { BrokerFailure } from '../port-offsets.ts';

/** A failure from Kafka's protocol error code, or null for 0. */
export function failureOfCode(code: number): BrokerFailure | null {
  if (code === 0) return null;
  const id = (protocolErrorsCodesById as Record<number, string>)[code];
  const known = id === undefined ? undefined : (protocolErrors as Record<string, { message: string; canRetry: boolean }>)[id];
  if (id === undefined || known === undefined) return { code: `kafka-${code}`, message: `Kafka answered with error ${code}.`, retryable: false };
  return { code: id.toLowerCase().replaceAll('_', '-'), message: known.message, retryable: known.canRetry };
}

/** A failure from a request that got no answer at all. Only the shape of the error is told, never credentials it may carry. */
export function failureOfError(error: unknown): BrokerFailure {
  const innermost = rootOf(error);
  const text = innermost instanceof Error ? innermost.message : String(innermost);
  const timedOut = /timed out|timeout/i.test(text);
  if (innermost instanceof Error && 'apiCode' in innermost && typeof innermost.apiCode === 'number') return failureOfCode(innermost.apiCode) ?? { code: 'connection', message: text, retryable: true };
  return { code: timedOut ? 'timeout' : 'connection', message: text, retryable: true };
}

function rootOf(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 10; depth += 1) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[current.errors.length - 1];
    else if (current instanceof Error && current.cause !== undefined) current = current.cause;
    else break;
  }
  return current;
}
