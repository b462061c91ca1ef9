import type { Labels } from '#lib/model/alert.ts';

/**
 * Alerts of one rule in one cluster are told together.
 * The rule's id is in the key, so that two rules of the same name one after the other never share a log.
 */
export function groupKeyOf(ruleId: string, labels: Labels): string {
  return `${groupKeyPrefix(ruleId)}${JSON.stringify({ cluster: labels['cluster'] ?? null })}`;
}

/** What all group keys of a rule begin with. */
export function groupKeyPrefix(ruleId: string): string {
  return `rule:${ruleId}:`;
}

/** Labels that all alerts of a group share by construction. */
export function groupLabelsOf(labels: Labels): Labels {
  const shared: Record<string, string> = {};
  for (const name of ['alertname', 'cluster']) {
    const value = labels[name];
    if (value !== undefined) shared[name] = value;
  }
  return shared;
}
