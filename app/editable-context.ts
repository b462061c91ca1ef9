import type { Config } from '#lib/config.ts';
import { stripListOf } from '#lib/dead-letter/configured-dialect.ts';
import { compileMasking } from '#lib/masking/compile-masking.ts';
import type { EditableContext } from '#lib/operations/read-editable.ts';

/** What the configuration says about editing: what must not be shown, and which headers are not sent on. */
export function editableContext(config: Config): Pick<EditableContext, 'masking' | 'headersToStrip'> {
  return {
    masking: compileMasking(config.masking),
    headersToStrip: (cluster, dialect) => stripListOf(config.clusters.find((one) => one.name === cluster)?.deadLetters?.headers)(dialect),
  };
}
