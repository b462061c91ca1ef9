/** What stands where something was masked: always the same, so that not even a length is told. */
export const MASKED = '[masked]';

export const MASKED_BYTES: Uint8Array = new TextEncoder().encode(MASKED);
