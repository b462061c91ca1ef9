import { readLagTrends } from '#lib/store/alerts/read-lag-trends.ts';
import type { Store } from '#lib/store/store.ts';
import type { AlertView } from './list-alerts.ts';

/** Figures of the last hour by minute, the oldest first; null = no figure in that minute. */
export interface AlertTrend {
  values: (number | null)[];
  unit: 'records' | 'seconds';
}

const MINUTES = 60;
const MAX_ALERTS = 30;

/**
 * What the first 30 of the alerts about the lag of a group looked like in the last hour, by alert id.
 * @param kinds kind of each rule, by rule id
 */
export async function readAlertTrends(store: Store, alerts: readonly AlertView[], kinds: ReadonlyMap<string, string>, now: Date): Promise<Record<string, AlertTrend>> {
  const wanted = alerts
    .flatMap((alert) => {
      const { cluster, group } = alert.labels;
      const kind = kinds.get(alert.ruleId);
      if (cluster === undefined || group === undefined || (kind !== 'group-lag-records' && kind !== 'group-lag-seconds')) return [];
      return [{ id: alert.id, cluster, group, unit: kind === 'group-lag-records' ? ('records' as const) : ('seconds' as const) }];
    })
    .slice(0, MAX_ALERTS);
  const rows = await readLagTrends(store, wanted, now);
  const first = Math.floor(now.getTime() / 60_000) - MINUTES + 1;
  return Object.fromEntries(
    wanted.map(({ id, cluster, group, unit }) => {
      const values: (number | null)[] = Array.from({ length: MINUTES }, () => null);
      for (const row of rows) {
        if (row.cluster !== cluster || row.group_name !== group) continue;
        const place = Math.floor(row.minute.getTime() / 60_000) - first;
        if (place >= 0 && place < MINUTES) values[place] = unit === 'records' ? row.lag : row.seconds;
      }
      return [id, { values, unit }];
    }),
  );
}
