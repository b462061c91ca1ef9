import type { Labels } from '#lib/model/alert.ts';

export interface AlertLinks {
  /** The rule. */
  generatorUrl: string;
  /** A silence of exactly this alert, filled in and waiting for its duration. */
  silenceUrl: string;
  /** Where a person sees the trouble itself. */
  dashboardUrl: string;
}

/** Absolute links of an alert. `publicUrl` carries no slash at its end. The paths are those of components/links.ts. */
export function linkAlert(publicUrl: string, ruleId: string, labels: Labels): AlertLinks {
  const silence = new URLSearchParams({ new: '1' });
  for (const [name, value] of Object.entries(labels).toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    if (name !== 'severity') silence.append('match', `${name}=${value}`);
  }
  return {
    generatorUrl: `${publicUrl}/alerts/rules?rule=${encodeURIComponent(ruleId)}`,
    silenceUrl: `${publicUrl}/alerts/silences?${silence.toString()}`,
    dashboardUrl: `${publicUrl}${subjectPath(labels)}`,
  };
}

/** Path of the screen that shows what the labels speak of. */
export function subjectPath(labels: Labels): string {
  const { cluster, group, topic, replay, failure, collector, endpoint, entry_type: entryType, step, finding } = labels;
  const part = encodeURIComponent;
  if (finding !== undefined) return `/hygiene/${part(finding)}`;
  if (cluster !== undefined && group !== undefined) return `/lag/${part(cluster)}/${part(group)}`;
  if (topic !== undefined) return `/dead-letters?${new URLSearchParams({ ...(cluster === undefined ? {} : { cluster }), topic }).toString()}`;
  if (entryType !== undefined && step !== undefined) return `/journeys?${new URLSearchParams({ type: entryType, missing: step }).toString()}`;
  if (replay !== undefined) return `/replays/${part(replay)}`;
  if (failure !== undefined) return `/dead-letters?${new URLSearchParams({ failure }).toString()}`;
  if (endpoint !== undefined) return '/alerts/webhooks';
  if (collector !== undefined) return '/settings';
  return '/alerts';
}
