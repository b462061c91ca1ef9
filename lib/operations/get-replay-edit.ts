import { WaybillError } from '#lib/errors.ts';
import type { Masking } from '#lib/masking/compile-masking.ts';
import { maskRecord } from '#lib/masking/mask-record.ts';
import { formatDeadLetterId, type RecordBytes } from '#lib/model/replay.ts';
import { readBytes, readRow } from '#lib/store/dead-letters/read-row.ts';
import { readReplayEdit } from '#lib/store/replays/replay-edits.ts';
import type { Store } from '#lib/store/store.ts';
import type { WireReplayEdit } from './edit-wire.ts';
import { getReplay } from './get-replay.ts';
import { base64, wireHeaders } from './record-wire.ts';

/**
 * What an edited replay sends beside what its dead letter holds, for the difference.
 * @throws WaybillError `not-found` 404, `not-edited` 404
 */
export async function getReplayEdit(store: Store, replayId: string, masking: Masking): Promise<WireReplayEdit> {
  const { id } = await getReplay(store, replayId);
  const edit = await readReplayEdit(store, id);
  if (!edit) throw new WaybillError('not-edited', `Replay ${id} sends its records as they are.`, { status: 404 });
  const [row, bytes] = await Promise.all([readRow(store, edit), readBytes(store, edit)]);
  const mask = masking.of(row?.topic ?? null, row?.originTopic ?? null);
  let masked = false;
  const show = (record: RecordBytes | null) => {
    if (record === null) return null;
    const shown = maskRecord(record, mask, true);
    masked ||= shown.masked !== null;
    return { keyBase64: base64(shown.key), valueBase64: base64(shown.value), headers: wireHeaders(shown.headers).headers };
  };
  const original = show(bytes && !bytes.valueByReference ? { key: bytes.key, value: bytes.value, headers: bytes.headerNames.map((name, index) => [name, bytes.headerValues[index] ?? null] as const) } : null);
  const edited = show(edit.record);
  return {
    deadLetterId: formatDeadLetterId(edit),
    editedBy: edit.editedBy,
    editedAt: edit.createdAt.toISOString(),
    changed: [...edit.changed],
    originalSha256: edit.originalSha256?.toString('hex') ?? null,
    editedSha256: edit.editedSha256?.toString('hex') ?? null,
    schemaId: edit.schemaId,
    original,
    edited,
    masked,
  };
}
