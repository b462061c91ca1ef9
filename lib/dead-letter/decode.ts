import { dialects, type Dialect, type Field, type FieldName } from './dialects.ts';
import { isCorrelationHeader, MAX_CORRELATION_ID_CHARS } from './correlation.ts';
import { readJsonPlace } from './read-json-place.ts';
import { readStack, type StackText } from './read-stack.ts';
import { MAX_MESSAGE_CHARS, MAX_STACK_CHARS, type DecodedDeadLetter, type HeaderBytes } from '#lib/model/dead-letter.ts';

export interface RecordToDecode {
  topic: string;
  /** Milliseconds; some dialects keep the timestamp of the record that failed. */
  timestampMs: bigint | null;
  headers: readonly HeaderBytes[];
}

export interface DecodeOptions {
  /** Further header names that carry the correlation id. */
  correlationHeaders?: readonly string[];
  /** Dialects of the configuration (home-made headers), tried before the known ones. */
  dialects?: readonly Dialect[];
}

/** Reading stops after this many headers: a record with more is hostile or broken, and its first ones tell enough. */
const MAX_HEADERS = 20_000;
/** No header value is read beyond this many bytes. */
const MAX_VALUE_BYTES = 1_048_576;

const lenient = new TextDecoder('utf-8', { fatal: false });
const strict = new TextDecoder('utf-8', { fatal: true });

function strictText(value: Uint8Array): string | null {
  try {
    return strict.decode(value);
  } catch {
    return null;
  }
}

interface Seen {
  index: number;
  name: string;
  value: Uint8Array | null;
}

function bigEndian(value: Uint8Array): bigint {
  let result = 0n;
  for (const byte of value) result = (result << 8n) | BigInt(byte);
  return BigInt.asIntN(value.length * 8, result);
}

function readNumber(field: Field, value: Uint8Array): bigint | null {
  let result: bigint;
  switch (field.encoding) {
    case 'int32':
      if (value.length !== 4) return null;
      result = bigEndian(value);
      break;
    case 'int64':
      if (value.length !== 8) return null;
      result = bigEndian(value);
      break;
    case 'big-integer':
      if (value.length < 1 || value.length > 9) return null;
      result = bigEndian(value);
      break;
    case 'text-number': {
      if (value.length > 20) return null;
      const digits = lenient.decode(value).trim();
      if (!/^-?\d{1,19}$/u.test(digits)) return null;
      result = BigInt(digits);
      break;
    }
    case 'text':
    case 'error-text':
    case 'topic-uri':
      return null;
    default:
      return field.encoding satisfies never;
  }
  result += BigInt(field.add ?? 0);
  // Kafka writes -1 for "none" in all of these.
  return result < 0n || result > 9_223_372_036_854_775_807n ? null : result;
}

const topicUri = /^[a-z][a-z0-9+.-]*:\/\/topic\/([A-Za-z0-9._-]{1,249})$/iu;

function readName(field: Field, value: Uint8Array): string | null {
  if (value.length === 0 || value.length > 1024) return null;
  const name = strictText(value);
  return field.encoding === 'topic-uri' ? (topicUri.exec(name ?? '')?.[1] ?? null) : name;
}

function isOn(dialect: Dialect, byName: ReadonlyMap<string, Seen[]>): boolean {
  return dialect.recognise.some((name) => byName.has(name)) && (dialect.requires ?? []).every((name) => byName.has(name));
}

/** Of several dialects on one record the one whose topic this is; else the one that was written last (headers are appended). */
function chooseDialect(topic: string, byName: ReadonlyMap<string, Seen[]>, configured: readonly Dialect[]): Dialect | null {
  const mapped = configured.find((dialect) => isOn(dialect, byName));
  if (mapped) return mapped;
  const found = dialects.filter((dialect) => isOn(dialect, byName));
  if (found.length <= 1) return found[0] ?? null;
  const ofTopic = found.filter((dialect) => dialect.topics?.some((pattern) => pattern.test(topic)));
  const candidates = ofTopic.length > 0 ? ofTopic : found;
  const lastIndex = (dialect: Dialect) => Math.max(...dialect.recognise.map((name) => byName.get(name)?.at(-1)?.index ?? -1));
  return candidates.reduce((best, next) => (lastIndex(next) > lastIndex(best) ? next : best));
}

/** The headers of the newest failure: a run in which no name of the dialect repeats, from the end or from the start. */
function newestBlock(dialect: Dialect, seen: readonly Seen[]): Map<string, Seen[]> {
  const names = new Set(Object.values(dialect.fields).flatMap((fields) => fields.map((field) => field.name)));
  const block = new Map<string, Seen[]>();
  const ordered = dialect.newest === 'first' ? seen : seen.toReversed();
  for (const header of ordered) {
    if (!names.has(header.name)) continue;
    if (block.has(header.name)) break;
    block.set(header.name, [header]);
  }
  return block;
}

const engineTypeError = /^(?:Cannot |.* is not (?:a function|iterable|a constructor|defined|an object)|Invalid |.*\bread(?:ing| only)\b)/u;

/**
 * V8 prints no causes in `error.stack`. An engine's own error has none, and other classes are shown as their own root; but a TypeError
 * that application or library code threw (`fetch failed`, "could not …") is how JavaScript wraps a failure: what lies below is not conveyed.
 */
function javascriptRoot(errorClass: string, message: string | null): string | null {
  return errorClass === 'TypeError' && !engineTypeError.test(message ?? '') ? null : errorClass;
}

const goPanic = /^panic occurred: "?([\s\S]*?)"?, stacktrace: ?\n/u;
/** The class is bounded: a "class" of a kilobyte is a message without blanks. */
const errorText = /^([\p{L}_$][\p{L}\p{N}_$.]{0,290}(?:Error|Exception|Failure))(?:: ([\s\S]*))?$/u;

function stripPrefixes(dialect: Dialect, message: string): string {
  let rest = message;
  for (let round = 0; round < 8; round++) {
    const prefix = dialect.messagePrefixes?.find((pattern) => pattern.test(rest));
    if (!prefix) break;
    rest = rest.replace(prefix, '');
  }
  return rest;
}

/**
 * Reads what the headers of a dead letter say: the dialect, where the failed record lay, what went wrong, how often it was tried.
 * What is not conveyed is null, never guessed; no known dialect gives `dialect: null` ("origin unknown"). Bounded in time and memory
 * for any input; never throws. Facts about the dialects: docs/header-dialects.md.
 */
export function decodeDeadLetter(record: RecordToDecode, options: DecodeOptions = {}): DecodedDeadLetter {
  const seen: Seen[] = [];
  const byName = new Map<string, Seen[]>();
  for (const [name, value] of record.headers) {
    if (seen.length >= MAX_HEADERS) break;
    if (name.length > 512) continue;
    const header: Seen = { index: seen.length, name: lenient.decode(name), value: value && value.length > MAX_VALUE_BYTES ? value.subarray(0, MAX_VALUE_BYTES) : value };
    seen.push(header);
    const same = byName.get(header.name);
    if (same) same.push(header);
    else byName.set(header.name, [header]);
  }

  const result: DecodedDeadLetter = {
    dialect: null,
    origin: { topic: null, partition: null, offset: null, timestampMs: null, consumerGroup: null },
    error: { class: null, rootClass: null, message: null, stack: null },
    attempts: null,
    correlationId: null,
    replayId: shortText(byName.get('replay-id')?.at(-1)?.value, 512),
  };
  for (const header of seen) {
    if (!isCorrelationHeader(header.name, options.correlationHeaders)) continue;
    result.correlationId = shortText(header.value, MAX_CORRELATION_ID_CHARS);
    if (result.correlationId !== null) break;
  }

  const dialect = chooseDialect(record.topic, byName, options.dialects ?? []);
  if (!dialect) return result;
  result.dialect = dialect.name;
  const source = dialect.blocks ? newestBlock(dialect, seen) : byName;

  const bytes = (field: Field): Uint8Array | null => {
    const values = field.pick ? byName.get(field.name) : source.get(field.name);
    const value = values?.at((field.pick ?? dialect.newest) === 'first' ? 0 : -1)?.value ?? null;
    return value === null || field.place === undefined ? value : readJsonPlace(value, field.place);
  };
  const readFirst = <T>(fieldName: FieldName, read: (field: Field, value: Uint8Array) => T | null): T | null => {
    for (const field of dialect.fields[fieldName] ?? []) {
      const value = bytes(field);
      const parsed = value === null ? null : read(field, value);
      if (parsed !== null) return parsed;
    }
    return null;
  };
  const name = (fieldName: FieldName) => readFirst(fieldName, readName);
  const longText = (fieldName: FieldName) => readFirst(fieldName, (_, value) => lenient.decode(value));

  const partition = readFirst('partition', readNumber);
  result.origin = {
    topic: name('topic'),
    partition: partition === null || partition > 2_147_483_647n ? null : Number(partition),
    offset: readFirst('offset', readNumber),
    timestampMs: readFirst('timestamp', readNumber) ?? (dialect.keepsTimestamp ? record.timestampMs : null),
    consumerGroup: name('consumerGroup'),
  };
  if (dialect.groupInTopic && result.origin.topic !== null && result.origin.consumerGroup === null) {
    const prefix = dialect.groupInTopic(result.origin.topic);
    if (record.topic.startsWith(prefix) && record.topic.length > prefix.length) result.origin.consumerGroup = record.topic.slice(prefix.length);
  }
  result.correlationId = readFirst('correlationId', (_, value) => shortText(value, MAX_CORRELATION_ID_CHARS)) ?? result.correlationId;
  const attempts = readFirst('attempts', readNumber);
  result.attempts = attempts === null || attempts > 2_147_483_647n ? null : Number(attempts);

  const stackText = longText('stack');
  const stack = stackText === null || stackText.length === 0 ? null : stackText;
  let message = longText('message');
  let errorClass = name('class');
  if (dialect.fields.class?.[0]?.encoding === 'error-text') {
    const parts = message === null ? null : errorText.exec(message);
    errorClass = parts?.[1] ?? null;
    if (parts) message = parts[2] ?? null;
  }
  if (message !== null) {
    const panic = goPanic.exec(message);
    if (panic) message = panic[1] ?? message;
    message = stripPrefixes(dialect, message);
  }
  const causeClass = name('causeClass');
  const causeMessage = longText('causeMessage');

  const trace: StackText = stack === null ? { language: 'unknown', chain: [], loose: [] } : readStack(stack, message === null ? [] : [message]);
  const isWrapper = (value: string, hasCause: boolean) =>
    (dialect.wrappers?.includes(value) ?? false) || (hasCause && (dialect.wrappersWithCause?.includes(value) ?? false));
  // A dialect without a header for the class tells it in the first line of its stack trace.
  if (errorClass === null && dialect.fields.class === undefined) errorClass = trace.chain[0]?.class ?? null;
  if (errorClass !== null && isWrapper(errorClass, trace.chain.length > 1)) {
    const below = trace.chain.find((item, index) => !isWrapper(item.class, index < trace.chain.length - 1));
    const told = causeClass !== null && !isWrapper(causeClass, false) ? causeClass : null;
    // The header's message holds the cause's after its prefix (Spring); where it does not, the trace has it.
    if (!dialect.messagePrefixes) message = below?.message ?? null;
    errorClass = told ?? below?.class ?? errorClass;
  } else if (errorClass === null && causeClass !== null) {
    // Spring when only the key failed: the cause without the class it caused.
    errorClass = causeClass;
  }

  // A message that only repeats the class is Throwable.toString() of one without a message.
  if (message !== null && (message === '' || message === errorClass)) message = null;

  let rootClass: string | null;
  const last = trace.chain.at(-1);
  if (last && (trace.chain.length > 1 || trace.language === 'java' || trace.language === 'dotnet')) rootClass = last.class;
  else if (errorClass === null) rootClass = null;
  else if (dialect.rootWithoutCause === 'javascript') rootClass = javascriptRoot(errorClass, message);
  else if (dialect.rootWithoutCause === 'never') rootClass = null;
  else if (dialect.firstCauseOnly && causeClass !== null) {
    // Only the first cause is told. It is surely the whole story where the exception was made of nothing but its cause.
    rootClass = message === (causeMessage === null ? causeClass : `${causeClass}: ${causeMessage}`) ? causeClass : null;
  } else rootClass = stack === null && causeClass !== null && causeClass !== errorClass ? null : errorClass;

  result.error = { class: errorClass, rootClass, message: cut(message, MAX_MESSAGE_CHARS), stack: cut(stack, MAX_STACK_CHARS) };
  return result;
}

function cut(value: string | null, limit: number): string | null {
  return value !== null && value.length > limit ? `${value.slice(0, limit)}…` : value;
}

function shortText(value: Uint8Array | null | undefined, limit: number): string | null {
  if (!value || value.length === 0 || value.length > limit * 4) return null;
  const text = strictText(value);
  return text === null || text.length > limit ? null : text;
}
