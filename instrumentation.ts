/** Next calls it once in each server process before the first request. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] === 'edge') return;
  const { drainOnSignals } = await import('./app/drain.ts');
  drainOnSignals();
}
