import type { Severity } from '#lib/model/alert.ts';
import type { FindingKind, FindingSubject } from '#lib/model/hygiene.ts';
import type { Statements } from '../store.ts';

export interface OpenFinding {
  cluster: string;
  id: string;
  kind: FindingKind;
  severity: Severity;
  subject: FindingSubject;
  sentence: string;
  muted: boolean;
}

const MOST = 10_000;

/** Findings whose evidence is present, muted ones too. */
export async function readOpenFindings(on: Statements, now: Date): Promise<OpenFinding[]> {
  const rows = await on.query<Omit<OpenFinding, 'subject'> & { topic: string; group: string; service: string }>(
    `select c.name as cluster, f.id, f.kind, f.severity, f.topic, f.group_name as "group", f.service, f.sentence, coalesce(f.muted_until > $1, false) as muted from hygiene_finding f join cluster c on c.id = f.cluster_id where f.state = 'open' order by f.opened_at limit ${MOST}`,
    [now],
  );
  return rows.map(({ topic, group, service, ...row }) => ({ ...row, subject: { topic: topic || null, group: group || null, service: service || null } }));
}
