import { writeFindings } from '#lib/store/hygiene/findings.ts';
import type { Store } from '#lib/store/store.ts';

/** An open finding with every part that its page can show, of a topic of this stack; its address is what is returned. */
export async function seedFinding(store: Store, topic: string, now: Date): Promise<string> {
  const [cluster] = await store.query<{ id: number }>('select id from cluster limit 1');
  const at = now.toISOString();
  await writeFindings(store, cluster!.id, [{ openedAt: now, found: {
    kind: 'schema-drift', severity: 'warning', subject: { topic, group: null, service: null }, sentence: `The events on ${topic} (CartCheckedOut) changed their form: 1 field changed type.`, since: now, lastSeen: now,
    facts: [{ label: 'Fields that changed type', value: 1, unit: 'count' }, { label: 'Limit of the topic (max.message.bytes)', value: null, unit: 'bytes' }, { label: 'Share', value: 0.5, unit: 'share' }],
    examples: [{ note: 'data.lines[].unitPriceCents of CartCheckedOut has another type, in 50 % of the events since.', records: [{ topic, partition: 0, offset: '1', at }, { topic, partition: 0, offset: '2', at: null }], before: 'number', after: 'string' }],
  } }], now);
  const [row] = await store.query<{ id: string }>(`select id from hygiene_finding where kind = 'schema-drift' and topic = $1`, [topic]);
  return row!.id;
}
