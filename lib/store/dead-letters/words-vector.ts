import type { Fingerprint } from '#lib/dead-letter/fingerprint.ts';
import { searchWords } from '#lib/dead-letter/search-words.ts';
import type { DecodedDeadLetter } from '#lib/model/dead-letter.ts';

/** What `dead_letter.words` holds of a row. */
export function rowWords(decoded: Pick<DecodedDeadLetter, 'error' | 'correlationId'>, fingerprint: Pick<Fingerprint, 'title'>): string[] {
  return searchWords({ message: decoded.error.message, correlationId: decoded.correlationId }, fingerprint.title.message);
}

/** The same as the text of a tsvector. The words hold nothing that would have to be quoted twice. */
export function wordsVector(decoded: Pick<DecodedDeadLetter, 'error' | 'correlationId'>, fingerprint: Pick<Fingerprint, 'title'>): string {
  return rowWords(decoded, fingerprint).map((word) => `'${word}'`).join(' ');
}
