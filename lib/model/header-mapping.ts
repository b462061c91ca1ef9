// Home-made headers: where the facts about a dead letter stand, in the words of whoever configures it.

/** Where one fact stands: the name of its header, or its name with how its bytes are read. */
export type ConfiguredHeader =
  | string
  | {
      header: string;
      /** text (also of numbers) unless given; binary: a big-endian number of 1 to 8 bytes. */
      format?: 'text' | 'binary' | undefined;
      /** A place in the header's JSON, such as `$.error.type`. */
      path?: string | undefined;
    };

/** What can be mapped, in the order in which people read it. */
export const MAPPED_FIELDS = ['topic', 'partition', 'offset', 'timestamp', 'consumerGroup', 'errorClass', 'errorMessage', 'errorStack', 'attempts', 'correlationId'] as const;
export type MappedField = (typeof MAPPED_FIELDS)[number];

/** Names of a service's own headers, as the configuration maps them. */
export type ConfiguredHeaders = Partial<Record<MappedField, ConfiguredHeader | undefined>>;

/** The fields that hold a number: only these can be binary. */
export const NUMBER_FIELDS: ReadonlySet<MappedField> = new Set(['partition', 'offset', 'timestamp', 'attempts']);
