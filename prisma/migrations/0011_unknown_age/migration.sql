-- The minute under way again, with one difference: an age that is not known stays unknown. greatest() skips nulls and made it 0.
CREATE OR REPLACE VIEW "group_minute" AS
  SELECT group_id, minute, lag_max, lag_last, lag_seconds_max, lag_seconds_last, lag_seconds_quality, produced_per_second, consumed_per_second, status, unknown_partitions, member_count
  FROM group_lag_minute
  UNION ALL
  SELECT f.group_id, r.minute, f.lag, f.lag, r.seconds, r.seconds, CASE WHEN f.lag IS NULL THEN NULL WHEN f.lag = 0 THEN 'exact' ELSE coalesce(f.oldest_quality, 'unknown') END,
    f.produced_per_second, f.consumed_per_second, g.status, f.partitions_unknown,
    CASE WHEN g.state IN ('Empty', 'Dead') THEN 0 WHEN g.members_at IS NULL THEN NULL ELSE jsonb_array_length(g.members) END
  FROM group_figures f
  JOIN consumer_group g ON g.id = f.group_id AND g.deleted_at IS NULL AND g.failed_since IS NULL
  JOIN cluster c ON c.id = g.cluster_id AND c.last_cycle_at IS NOT NULL
  CROSS JOIN LATERAL (
    SELECT date_trunc('minute', c.last_cycle_at) AS minute,
      CASE WHEN f.lag = 0 THEN 0 WHEN f.lag IS NOT NULL AND f.oldest_at IS NOT NULL THEN greatest(0, extract(epoch FROM c.last_cycle_at - f.oldest_at))::float8 END AS seconds
  ) r
  WHERE NOT EXISTS (SELECT 1 FROM group_lag_minute m WHERE m.group_id = f.group_id AND m.minute = r.minute);
