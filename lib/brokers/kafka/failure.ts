import { protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka';
import { WaybillError } from '#lib/errors.ts';
import { MISSING_RIGHT } from '#lib/model/lag.ts';
import type { BrokerFailure } from '../port-offsets.ts';

const TOPIC_AUTHORIZATION_FAILED = 29;
const GROUP_AUTHORIZATION_FAILED = 30;

/**
 * A failure from Kafka's protocol error code, or null for 0.
 * @param of what was read: a missing right is told with its name
 */
export function failureOfCode(code: number, of: { topic?: string; group?: string } = {}): BrokerFailure | null {
  if (code === 0) return null;
  if (code === TOPIC_AUTHORIZATION_FAILED && of.topic !== undefined) return missingRight('topic', of.topic);
  if (code === GROUP_AUTHORIZATION_FAILED && of.group !== undefined) return missingRight('group', of.group);
  const id = (protocolErrorsCodesById as Record<number, string>)[code];
  const known = id === undefined ? undefined : (protocolErrors as Record<string, { message: string; canRetry: boolean }>)[id];
  if (id === undefined || known === undefined) return { code: `kafka-${code}`, message: `Kafka answered with error ${code}.`, retryable: false };
  return { code: id.toLowerCase().replaceAll('_', '-'), message: known.message, retryable: known.canRetry };
}

function missingRight(kind: 'topic' | 'group', name: string): BrokerFailure {
  return {
    code: `${kind}-authorization-failed`,
    message: `${MISSING_RIGHT} DESCRIBE the ${kind} "${name}". Grant it: kafka-acls --add --allow-principal User:<Waybill's user> --operation Describe --${kind} '${name}'.`,
    retryable: false,
  };
}

/** A failure from a request that got no answer at all. Only the shape of the error is told, never credentials it may carry. */
export function failureOfError(error: unknown): BrokerFailure {
  // Already in words.
  if (error instanceof WaybillError) return { code: error.code, message: error.message, retryable: error.retryable };
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
