import { normaliseMessage } from './normalise-message.ts';
import { frameName, isApplicationFrame, readStack } from './read-stack.ts';
import type { PayloadForm } from './payload-form.ts';
import type { DecodedDeadLetter } from '#lib/model/dead-letter.ts';

/** Raised whenever the same dead letter would get another fingerprint; rows keep the version they were grouped by. */
export const FINGERPRINT_VERSION = 4;

/** How many application frames tell one cause from another. */
const FRAMES = 3;

export interface Fingerprint {
  version: typeof FINGERPRINT_VERSION;
  /** The text that decides: equal text is one failure. Hash it to store it. */
  text: string;
  /** What a card shows first. */
  title: { class: string | null; rootClass: string | null; frame: string | null; message: string | null; payload: string | null };
}

/**
 * What makes two dead letters one failure: the root class, the top application frames below it (without line numbers; recursion counts
 * once) and the message without its variable parts. The media type that the record declares belongs to it: one parser's complaint about
 * CSV and about Avro has two causes. Where no frame tells the place, a null value does too: frames show already which line met the null.
 * Where nothing of the error is conveyed all dead letters of a topic with values of one form are one failure.
 */
export function fingerprint(topic: string, decoded: Pick<DecodedDeadLetter, 'error'>, form: PayloadForm): Fingerprint {
  const { error } = decoded;
  const { chain, loose } = error.stack === null ? { chain: [], loose: [] } : readStack(error.stack, error.message === null ? [] : [error.message]);
  const frames: string[] = [];
  for (const throwable of [...chain.toReversed().map((item) => item.frames), loose]) {
    for (const frame of throwable) {
      const name = applicationFrame(frame);
      if (name !== null && frames.at(-1) !== name) frames.push(name);
      if (frames.length === FRAMES) break;
    }
    if (frames.length > 0) break;
  }
  const message = error.message === null ? null : normaliseMessage(error.message);
  const conveyed = error.class !== null || error.rootClass !== null || message !== null || frames.length > 0;
  const payload = form.tombstone && frames.length === 0 ? 'tombstone' : form.contentType;
  const parts = conveyed
    ? [error.class ?? '', error.rootClass ?? error.class ?? '', ...frames, message ?? '', payload ?? '']
    : ['no error conveyed', topic, payload ?? ''];
  return {
    version: FINGERPRINT_VERSION,
    text: `v${FINGERPRINT_VERSION}\n${parts.join('\n')}`,
    title: { class: error.class, rootClass: error.rootClass, frame: frames[0] ?? null, message, payload },
  };
}

/** A service dead-letters from few places: of a thousand frames nearly all were seen before. */
const MAX_FRAMES_KNOWN = 4_000;
const framesKnown = new Map<string, string | null>();

/** The name of a frame of the application, null of any other. */
function applicationFrame(frame: string): string | null {
  let name = framesKnown.get(frame);
  if (name === undefined) {
    // A copy: what is cut out of a text keeps all of it in memory, and a trace may be a megabyte.
    const copy = Buffer.from(frame).toString();
    name = isApplicationFrame(copy) ? frameName(copy) : null;
    if (framesKnown.size === MAX_FRAMES_KNOWN) framesKnown.clear();
    framesKnown.set(copy, name);
  }
  return name;
}
