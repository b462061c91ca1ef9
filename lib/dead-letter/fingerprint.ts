import { normaliseMessage } from './normalise-message.ts';
import { frameName, isApplicationFrame, readStack } from './read-stack.ts';
import type { PayloadForm } from './payload-form.ts';
import type { DecodedDeadLetter } from '#lib/model/dead-letter.ts';

/** Raised whenever the same dead letter would get another fingerprint; rows keep the version they were grouped by. */
export const FINGERPRINT_VERSION = 3;

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
  const application = [...chain.toReversed().map((item) => item.frames), loose].map((frames) => frames.filter(isApplicationFrame).map(frameName)).find((frames) => frames.length > 0) ?? [];
  const frames: string[] = [];
  for (const frame of application) {
    if (frames.at(-1) === frame) continue;
    frames.push(frame);
    if (frames.length === FRAMES) break;
  }
  const message = error.message === null ? null : normaliseMessage(error.message);
  const known = error.class !== null || error.rootClass !== null || message !== null || frames.length > 0;
  const payload = form.tombstone && frames.length === 0 ? 'tombstone' : form.contentType;
  const parts = known
    ? [error.class ?? '', error.rootClass ?? error.class ?? '', ...frames, message ?? '', payload ?? '']
    : ['no error conveyed', topic, payload ?? ''];
  return {
    version: FINGERPRINT_VERSION,
    text: `v${FINGERPRINT_VERSION}\n${parts.join('\n')}`,
    title: { class: error.class, rootClass: error.rootClass, frame: frames[0] ?? null, message, payload },
  };
}
