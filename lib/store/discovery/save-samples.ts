import type { SampleEvidence } from '#lib/dead-letter/judge-sample.ts';
import type { Statements } from '../store.ts';

export interface SampleToSave {
  topic: string;
  end: bigint;
  /** null: nothing was found. */
  evidence: SampleEvidence | null;
  state: 'nothing' | 'proposed' | 'taken';
  /** Who decided, where it was decided at once. */
  decidedBy: string | null;
}

/** Keeps what samples told. What a person has decided in the meantime stays. @returns topics that were not found before */
export async function saveSamples(tx: Statements, clusterId: number, samples: readonly SampleToSave[], now: Date): Promise<string[]> {
  if (samples.length === 0) return [];
  const rows = await tx.query<{ topic: string }>(
    `insert into topic_discovery as d (cluster_id, topic, state, role, evidence, sampled_at, sampled_end, found_at, decided_by, decided_at)
     select $1, n.topic, n.state, n.role, n.evidence, $2, n.ends, case when n.state = 'nothing' then null else $2::timestamptz end, n.decided_by, case when n.decided_by is null then null else $2::timestamptz end
     from unnest($3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[], $8::text[]) as n(topic, state, role, evidence, ends, decided_by)
     on conflict (cluster_id, topic) do update set state = excluded.state, role = excluded.role, evidence = excluded.evidence, sampled_at = excluded.sampled_at, sampled_end = excluded.sampled_end,
       found_at = case when excluded.state = 'nothing' then null else coalesce(d.found_at, excluded.found_at) end, decided_by = excluded.decided_by, decided_at = excluded.decided_at
     where d.state in ('nothing', 'proposed')
     returning case when state <> 'nothing' and found_at = $2 then topic end as topic`,
    [clusterId, now, samples.map((one) => one.topic), samples.map((one) => one.state), samples.map((one) => one.evidence?.role ?? null), samples.map((one) => (one.evidence === null ? null : JSON.stringify(one.evidence))), samples.map((one) => one.end), samples.map((one) => one.decidedBy)],
  );
  return rows.flatMap(({ topic }) => topic ?? []);
}
