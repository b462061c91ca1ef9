import { headersToStrip, type Dialect, type Field } from './dialects.ts';

/** Names of a service's own headers, as the configuration maps them. */
export interface ConfiguredHeaders {
  topic: string;
  partition?: string | undefined;
  offset?: string | undefined;
  timestamp?: string | undefined;
  consumerGroup?: string | undefined;
  errorClass?: string | undefined;
  errorMessage?: string | undefined;
  errorStack?: string | undefined;
  attempts?: string | undefined;
}

/** A dialect from the user's own header names; every value is text, the newest of equal headers is the last. */
export function configuredDialect(names: ConfiguredHeaders): Dialect {
  const text = (name: string | undefined): readonly Field[] => (name ? [{ name, encoding: 'text' }] : []);
  const number = (name: string | undefined): readonly Field[] => (name ? [{ name, encoding: 'text-number' }] : []);
  return {
    name: 'configured',
    recognise: [names.topic],
    newest: 'last',
    fields: {
      topic: text(names.topic),
      partition: number(names.partition),
      offset: number(names.offset),
      timestamp: number(names.timestamp),
      consumerGroup: text(names.consumerGroup),
      class: text(names.errorClass),
      message: text(names.errorMessage),
      stack: text(names.errorStack),
      attempts: number(names.attempts),
    },
    rootWithoutCause: 'never',
    strip: Object.values(names).filter((name): name is string => typeof name === 'string'),
  };
}

/** Header names that a replay strips, by dialect: those of the known dialects, and of the user's own header names where some are mapped. */
export function stripListOf(names: ConfiguredHeaders | undefined): (dialect: string | null) => readonly string[] {
  const configured = names ? configuredDialect(names) : null;
  return (dialect) => (configured !== null && dialect === configured.name ? configured.strip : headersToStrip(dialect));
}
