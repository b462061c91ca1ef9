import type { SampleEvidence } from '#lib/dead-letter/judge-sample.ts';
import type { Statements } from '../store.ts';

export type DiscoveryState = 'proposed' | 'taken' | 'ignored';

export interface Discovery {
  cluster: string;
  topic: string;
  state: DiscoveryState;
  role: 'dead-letter' | 'retry';
  evidence: SampleEvidence | null;
  foundAt: Date | null;
  sampledAt: Date;
  decidedBy: string | null;
  decidedAt: Date | null;
}

/** What was found about present topics that no pattern and no configuration names; proposals first. */
export async function readDiscoveries(on: Statements, cluster: string | null): Promise<Discovery[]> {
  return on.query<Discovery>(
    `select c.name as cluster, d.topic, d.state, coalesce(d.role, 'dead-letter') as role, d.evidence, d.found_at as "foundAt", d.sampled_at as "sampledAt", d.decided_by as "decidedBy", d.decided_at as "decidedAt"
     from topic_discovery d join cluster c on c.id = d.cluster_id
     where d.state <> 'nothing' and ($1::text is null or c.name = $1)
       and exists (select 1 from topic t where t.cluster_id = d.cluster_id and t.name = d.topic and t.deleted_at is null and (t.role is null or t.role_source = 'headers'))
     order by d.state = 'proposed' desc, d.state, c.name, d.topic limit 1000`,
    [cluster],
  );
}

/** The roles of topics that were taken in, by name. */
export async function readTakenIn(on: Statements, clusterId: number): Promise<Map<string, 'dead-letter' | 'retry'>> {
  const rows = await on.query<{ topic: string; role: 'dead-letter' | 'retry' }>(`select topic, coalesce(role, 'dead-letter') as role from topic_discovery where state = 'taken' and cluster_id = $1`, [clusterId]);
  return new Map(rows.map(({ topic, role }) => [topic, role]));
}

/** Locks what is known of a topic for a decision; null where it was never found to be anything. */
export async function lockDiscovery(tx: Statements, clusterId: number, topic: string): Promise<{ state: DiscoveryState; role: 'dead-letter' | 'retry' } | null> {
  const [row] = await tx.query<{ state: DiscoveryState; role: 'dead-letter' | 'retry' }>(`select state, coalesce(role, 'dead-letter') as role from topic_discovery where cluster_id = $1 and topic = $2 and state <> 'nothing' for update`, [clusterId, topic]);
  return row ?? null;
}

/** Writes a decision; a topic that is not taken in any more loses the role it had from it. What was stored of it stays. */
export async function writeDecision(tx: Statements, clusterId: number, topic: string, decision: { state: DiscoveryState; role: 'dead-letter' | 'retry'; by: string; at: Date }): Promise<void> {
  await tx.execute('update topic_discovery set state = $3, role = $4, decided_by = $5, decided_at = $6 where cluster_id = $1 and topic = $2', [clusterId, topic, decision.state, decision.role, decision.state === 'proposed' ? null : decision.by, decision.state === 'proposed' ? null : decision.at]);
  if (decision.state !== 'taken') await tx.execute(`update topic set role = null, role_source = null where cluster_id = $1 and name = $2 and deleted_at is null and role_source = 'headers'`, [clusterId, topic]);
}
