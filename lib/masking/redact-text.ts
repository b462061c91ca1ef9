import { MASKED } from './masked-text.ts';

/** What must not be read in a text that may quote it. */
export interface Secrets {
  /** Looked for as they are. */
  texts: Set<string>;
  /** Texts of which no run of 8 characters or more may be read: what was hidden whole is quoted in pieces. */
  wholes: string[];
  /** There are more of them than can be looked for: texts that may quote them are hidden whole. */
  overflow: boolean;
}

/** Shorter ones ("EUR", "1") stand in every text without being quoted from anywhere. */
const MIN_CHARS = 4;
const MAX_TEXTS = 500;
const RUN_CHARS = 8;
/** Parsers quote the beginning of what they could not read. */
export const MAX_WHOLE_CHARS = 16_384;

export function noSecrets(): Secrets {
  return { texts: new Set(), wholes: [], overflow: false };
}

export function addSecret(secrets: Secrets, text: string): void {
  if (text.length < MIN_CHARS) return;
  if (secrets.texts.size >= MAX_TEXTS) secrets.overflow = true;
  else secrets.texts.add(text);
}

/** Every leaf of a piece of JSON, as its text and as it stood in the document. */
export function addJsonSecrets(secrets: Secrets, json: string): void {
  const left: unknown[] = [JSON.parse(json)];
  while (left.length > 0 && !secrets.overflow) {
    const one = left.pop();
    if (typeof one === 'string') {
      addSecret(secrets, one);
      const escaped = JSON.stringify(one).slice(1, -1);
      if (escaped !== one) addSecret(secrets, escaped);
    } else if (typeof one === 'number') addSecret(secrets, String(one));
    else if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) left.push(inner);
  }
  // A number reads otherwise once it was parsed: 64-bit ids, 12.50.
  if (/^-?\d/u.test(json) || json.startsWith('"')) addSecret(secrets, json.startsWith('"') ? json.slice(1, -1) : json);
  else for (const [digits] of json.matchAll(/-?\d[\d.eE+-]{3,}/gu)) addSecret(secrets, digits);
}

/** A text without what must not be read in it; one that is itself a piece of something masked is masked whole. */
export function redactText(text: string, secrets: Secrets): string {
  if (secrets.overflow) return MASKED;
  const bare = text.endsWith('…') ? text.slice(0, -1) : text;
  const inOrder = [...secrets.texts].toSorted((a, b) => b.length - a.length);
  if (bare.length >= MIN_CHARS && inOrder.some((secret) => secret.includes(bare))) return MASKED;
  let result = text;
  for (const secret of inOrder) if (result.includes(secret)) result = result.replaceAll(secret, MASKED);
  for (const whole of secrets.wholes) result = redactRuns(result, whole);
  return result;
}

const runsOf = new Map<string, ReadonlySet<string>>();

/** Every run of a text; the last one's are kept, because the parts of one record are looked through one after the other. */
function runs(whole: string): ReadonlySet<string> {
  const known = runsOf.get(whole);
  if (known) return known;
  const made = new Set<string>();
  for (let at = 0; at + RUN_CHARS <= whole.length; at++) made.add(whole.slice(at, at + RUN_CHARS));
  runsOf.clear();
  runsOf.set(whole, made);
  return made;
}

function redactRuns(text: string, whole: string): string {
  if (whole.length < RUN_CHARS) return whole.length >= MIN_CHARS ? text.replaceAll(whole, MASKED) : text;
  // A set of all runs of a large text costs more than to look for the few of a short one.
  const hidden = text.length < whole.length / 32 ? { has: (run: string) => whole.includes(run) } : runs(whole);
  const out: string[] = [];
  let copied = 0;
  for (let at = 0; at + RUN_CHARS <= text.length; ) {
    if (!hidden.has(text.slice(at, at + RUN_CHARS))) {
      at++;
      continue;
    }
    let end = at + RUN_CHARS;
    while (end < text.length && hidden.has(text.slice(end - RUN_CHARS + 1, end + 1))) end++;
    out.push(text.slice(copied, at), MASKED);
    copied = end;
    at = end;
  }
  out.push(text.slice(copied));
  return out.join('');
}
