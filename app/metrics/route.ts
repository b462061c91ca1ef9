import { route } from '#app/api/route.ts';
import { renderMetrics } from '#lib/operations/render-metrics.ts';

/** Prometheus. Names of groups and topics are not for everybody: a scraper sends a bearer token like any script (authorization.credentials). */
export const GET = route({ role: 'viewer', summary: 'Figures in the text format of Prometheus', contentType: 'text/plain' }, async ({ store, clock, config }) => {
  const text = await renderMetrics(store, clock.now(), config.metrics);
  return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' } });
});
