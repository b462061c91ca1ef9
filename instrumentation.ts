/** Next calls it once in each server process before the first request. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] === 'edge') return;
  const { drainOnSignals } = await import('./app/drain.ts');
  drainOnSignals(await traceItself());
}

/** Waybill's web sends its own spans to its own receiver. Settings that can't be read are said by the first request, not here. */
async function traceItself(): Promise<(() => Promise<void>) | undefined> {
  const { loadConfig } = await import('./lib/config.ts');
  const { startTelemetry } = await import('./lib/telemetry.ts');
  try {
    const config = loadConfig();
    return config.telemetry && process.env.NODE_ENV === 'production' ? startTelemetry({ service: 'waybill-web', config }) : undefined;
  } catch {
    return undefined;
  }
}
