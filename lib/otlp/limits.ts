/**
 * Bounds of one request, beyond the body's bytes. A body of 20 MiB can name ten million empty spans or nest a value as
 * deep as it is long: without these a small request would take gigabytes or the stack.
 */
export const limits = {
  /** Resources + scopes + spans of a request; more is 413. */
  messages: 200_000,
  /** Nesting of attribute values; deeper is 400. Real ones are 1 to 3 deep. */
  valueDepth: 16,
  /** Nesting of a JSON body; deeper is 400. */
  jsonDepth: 64,
  /** Objects and arrays of a JSON body; more is 413. JSON.parse takes some 60 bytes for each empty one. */
  jsonContainers: 4_000_000,
  /** Kept per span, link, event, resource; the rest is left out and counted. SDKs stop at 128. */
  attributes: 256,
  /** Elements kept of one array or key-value list. */
  elements: 1_024,
  /** Kept per span. One poll of a Kafka consumer can link to each of its records. */
  links: 2_000,
  events: 128,
  /** UTF-16 units kept of one string value. */
  text: 32_768,
  /** UTF-16 units kept of a span's or attribute's name. */
  name: 512,
} as const;
