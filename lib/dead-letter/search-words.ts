/** Words of a text for searching: runs of letters and digits, joined by `-` and `_` where they stand inside. Lower case, each once. */
function runsOf(text: string): string[] {
  return [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]+(?:[-_]+[\p{L}\p{N}]+)*/gu) ?? [])];
}

/** More of a message is not searched; a row has at most this many words, each at most this long. */
const MAX_CHARS = 4_000;
const MAX_WORDS = 40;
const MAX_WORD_CHARS = 64;

/**
 * The words by which a dead letter is found beside those of its failure: what the message holds and its normalised form does not (ids,
 * numbers, quoted values), and the correlation id. Of `order-4711` also `4711`: the part that tells rows apart.
 */
export function searchWords(letter: { message: string | null; correlationId: string | null }, normalisedMessage: string | null): string[] {
  const common = new Set(runsOf(normalisedMessage ?? ''));
  const words = new Set<string>();
  const add = (word: string) => {
    if (word.length <= MAX_WORD_CHARS && !common.has(word) && words.size < MAX_WORDS) words.add(word);
  };
  for (const text of [letter.correlationId, letter.message]) {
    for (const run of runsOf((text ?? '').slice(0, MAX_CHARS))) {
      add(run);
      const parts = run.split(/[-_]+/u);
      if (parts.length > 1) for (const part of parts) if (/\p{N}/u.test(part) && part.length > 2) add(part);
    }
  }
  return [...words];
}

/** What a person typed, as words; at most 8. Empty where it holds neither letters nor digits. */
export function queryWords(search: string): string[] {
  return runsOf(search.slice(0, 200)).slice(0, 8).map((word) => word.slice(0, MAX_WORD_CHARS));
}
