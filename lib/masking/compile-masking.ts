import { topicMatcher } from '#lib/dead-letter/topic-patterns.ts';
import { type JsonPath, parseJsonPath } from './json-path.ts';

/** One rule of the configuration. */
export interface MaskingRule {
  /** Globs; `!` takes back. Records of these topics, and dead letters that came from them. undefined: of every topic. */
  topics?: readonly string[] | undefined;
  /** Globs of header names, without regard to case. */
  headers?: readonly string[] | undefined;
  /** JSON paths into the value. */
  values?: readonly string[] | undefined;
  /** Hides the key. */
  key?: boolean | undefined;
}

/** What is masked in one record. */
export interface RecordMask {
  hidesHeader(name: string): boolean;
  hidesHeaders: boolean;
  hidesKey: boolean;
  /** Into the value; none: the value is shown. */
  paths: readonly JsonPath[];
  /** The same as text, for the thread that decodes. */
  pathTexts: readonly string[];
}

export interface Masking {
  /** There is no rule: nothing has to be looked at. */
  isOff: boolean;
  /** Rules that apply to records of a topic; null where none does. `from` is where a dead letter came from: its rules hold too. */
  of(topic: string | null, from?: string | null): RecordMask | null;
  /** Changes with the rules and with nothing else. */
  text: string;
}

const MAX_KNOWN = 10_000;
const compiled = new WeakMap<readonly MaskingRule[], Masking>();

/**
 * Makes masks of rules that the configuration has checked; the same rules give the same object.
 * @throws Error naming what is wrong with a path
 */
export function compileMasking(rules: readonly MaskingRule[]): Masking {
  const known = compiled.get(rules);
  if (known) return known;
  const made = rules.map((rule) => ({ rule, matches: matcher(rule.topics), headers: (rule.headers ?? []).map(headerMatcher), paths: (rule.values ?? []).map(parseJsonPath) }));
  const masks = new Map<string, RecordMask | null>();
  const masking: Masking = {
    isOff: rules.length === 0,
    text: JSON.stringify(rules),
    of(topic, from = null) {
      if (made.length === 0) return null;
      const key = made.map(({ matches }) => (matches(topic) || (from !== null && matches(from)) ? '1' : '0')).join('');
      let mask = masks.get(key);
      if (mask === undefined) {
        mask = maskOf(made.filter((_, index) => key[index] === '1'));
        if (masks.size < MAX_KNOWN) masks.set(key, mask);
      }
      return mask;
    },
  };
  compiled.set(rules, masking);
  return masking;
}

function maskOf(rules: readonly { rule: MaskingRule; headers: readonly ((name: string) => boolean)[]; paths: readonly JsonPath[] }[]): RecordMask | null {
  if (rules.length === 0) return null;
  const headers = rules.flatMap((one) => one.headers);
  return {
    hidesHeader: (name) => headers.some((matches) => matches(name.toLowerCase())),
    hidesHeaders: headers.length > 0,
    hidesKey: rules.some(({ rule }) => rule.key === true),
    paths: rules.flatMap((one) => one.paths),
    pathTexts: rules.flatMap(({ rule }) => rule.values ?? []),
  };
}

/** A rule without topics holds for a record whose topic is not known. */
function matcher(topics: readonly string[] | undefined): (topic: string | null) => boolean {
  if (topics === undefined) return () => true;
  // Kafka's own topics hold what people wrote too, and a pattern for all of them means them as well.
  const all = topics.includes('*') && !topics.some((pattern) => pattern.startsWith('!'));
  const matches = topicMatcher(topics);
  return (topic) => all || (topic !== null && matches(topic));
}

function headerMatcher(pattern: string): (lowerCaseName: string) => boolean {
  const parts = pattern.toLowerCase().split(/\*+/u);
  return (name) => {
    const first = parts[0] ?? '';
    if (parts.length === 1) return name === first;
    const last = parts.at(-1) ?? '';
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > name.length - last.length) return false;
      at = found + part.length;
    }
    return true;
  };
}
