/** Header names under which systems carry the id of a business event, compared without regard to case, `-`, `_` and a leading `x-`. */
const names = new Set(['correlationid', 'kafkacorrelationid', 'nservicebuscorrelationid', 'messagecorrelationid']);

/** The longest correlation id that is kept; longer ones are no ids. */
export const MAX_CORRELATION_ID_CHARS = 256;

const fold = (name: string) => name.toLowerCase().replace(/^x-/u, '').replace(/[-_.]/gu, '');

/** Does a header of this name carry the correlation id? `extra` are names from the configuration. */
export function isCorrelationHeader(name: string, extra: readonly string[] = []): boolean {
  return names.has(fold(name)) || extra.some((other) => other.toLowerCase() === name.toLowerCase());
}
