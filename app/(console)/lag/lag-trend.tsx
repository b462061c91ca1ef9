'use client';

import { useEffect, useState, type ReactNode } from 'react';
import { callApi } from '#components/call-api.ts';
import { formatCount } from '#components/format.ts';
import { Sparkline } from '#components/sparkline.tsx';
import type { LagTrends } from '#lib/operations/list-lag-trends.ts';

const FRESH_MS = 60_000;
const BATCH = 80;
const GATHER_MS = 60;
const MAX_KEPT = 2_000;

interface Kept {
  at: number;
  lags: (number | null)[];
}

// Only rows in view ask, together and at most once a minute: 5,000 sparklines would be most of the page.
const kept = new Map<string, Kept>();
const waiting = new Map<string, Set<() => void>>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Lag of a group over the last hour, read when its row comes into view. */
export function LagTrend({ cluster, group }: { cluster: string; group: string }): ReactNode {
  const key = `${cluster}\u0000${group}`;
  const [, redraw] = useState(0);
  useEffect(() => {
    let live = true;
    const ask = () => {
      const have = kept.get(key);
      if (have && Date.now() - have.at < FRESH_MS) return;
      const done = waiting.get(key) ?? new Set();
      done.add(() => live && redraw((n) => n + 1));
      waiting.set(key, done);
      timer ??= setTimeout(() => void flush(), GATHER_MS);
    };
    ask();
    const again = setInterval(ask, FRESH_MS);
    return () => {
      live = false;
      clearInterval(again);
    };
  }, [key]);
  const lags = kept.get(key)?.lags;
  if (!lags) return <span aria-hidden className="inline-block h-4 w-[88px] rounded-sm bg-sunken" />;
  const known = lags.filter((lag) => lag !== null);
  if (known.length === 0) return <span className="text-muted" title="No reading in the last hour.">-</span>;
  return <Sparkline values={lags} label={`Lag over the last hour: ${formatCount(Math.min(...known))} to ${formatCount(Math.max(...known))} records`} />;
}

async function flush(): Promise<void> {
  timer = undefined;
  const asked = [...waiting.entries()];
  waiting.clear();
  const byCluster = new Map<string, { group: string; key: string; done: Set<() => void> }[]>();
  for (const [key, done] of asked) {
    const [cluster = '', group = ''] = key.split('\u0000');
    const list = byCluster.get(cluster) ?? [];
    list.push({ group, key, done });
    byCluster.set(cluster, list);
  }
  for (const [cluster, list] of byCluster) {
    for (let i = 0; i < list.length; i += BATCH) {
      const batch = list.slice(i, i + BATCH);
      const search = batch.map(({ group }) => `group=${encodeURIComponent(group)}`).join('&');
      try {
        const answer = await callApi<LagTrends>('GET', `/api/v1/clusters/${encodeURIComponent(cluster)}/lag-trends?${search}`);
        if (kept.size > MAX_KEPT) kept.clear();
        for (const item of answer.items) kept.set(`${cluster}\u0000${item.group}`, { at: Date.now(), lags: item.lag.map((lag) => (lag === null ? null : Number.parseFloat(lag))) });
      } catch {
        // A trend is decoration beside the figure: without it the row still says everything. Tried again in a minute.
        for (const { key } of batch) kept.set(key, { at: Date.now(), lags: [] });
      }
      for (const { done } of batch) for (const redraw of done) redraw();
    }
  }
}
