/** An instance of a service, first heard of at a moment. */
export interface SeenVersion {
  service: string;
  version: string;
  atMs: number;
}

export interface Deploy {
  service: string;
  atMs: number;
  from: string;
  to: string;
}

/** While a deploy rolls through its instances, old ones may still start: within this they are part of it. */
const ROLLING_MS = 10 * 60_000;

/**
 * Deploys, as changes of service.version from instance to instance. The first version ever heard of is no deploy, and one that rolls out
 * instance by instance is one.
 * @param seen oldest first
 */
export function deploysOf(seen: readonly SeenVersion[]): Deploy[] {
  const running = new Map<string, { version: string; since: number; replaced: string | null }>();
  const deploys: Deploy[] = [];
  for (const { service, version, atMs } of seen) {
    const before = running.get(service);
    if (before?.version === version) continue;
    if (before && before.replaced === version && atMs - before.since < ROLLING_MS) continue;
    if (before) deploys.push({ service, atMs, from: before.version, to: version });
    running.set(service, { version, since: atMs, replaced: before?.version ?? null });
  }
  return deploys;
}
