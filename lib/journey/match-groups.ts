/** How a group was found for a service whose spans do not name one. */
export type MatchedBy = 'spans' | 'name' | 'alone';

const separators = '._-:/';

/**
 * Which consumer group a service reads a topic as, where its spans do not say: the one of its name, else the one whose name begins or ends
 * with it (`shop.payment` and `payment`, `payment-service` and `payment`), else the only one left where one service is left too. A group is given to one service only. Pure.
 * @param services that handle records of the topic without naming a group
 * @param groups that commit on the topic and that no span names
 */
export function matchGroups(services: readonly string[], groups: readonly string[]): Map<string, { group: string; by: MatchedBy }> {
  const matches = new Map<string, { group: string; by: MatchedBy }>();
  const open = { services: new Set(services), groups: new Set(groups) };
  const take = (service: string, group: string, by: MatchedBy) => {
    matches.set(service, { group, by });
    open.services.delete(service);
    open.groups.delete(group);
  };
  for (const service of services) if (open.groups.has(service)) take(service, service, 'name');
  // Only where neither has another candidate: a wrong pair is worse than none.
  const pairs = [...open.services].flatMap((service) => [...open.groups].filter((group) => isPartOf(service, group) || isPartOf(group, service)).map((group) => ({ service, group })));
  for (const { service, group } of pairs) {
    if (pairs.filter((pair) => pair.service === service || pair.group === group).length === 1) take(service, group, 'name');
  }
  const [service, ...otherServices] = open.services;
  const [group, ...otherGroups] = open.groups;
  if (service !== undefined && group !== undefined && otherServices.length === 0 && otherGroups.length === 0) take(service, group, 'alone');
  return matches;
}

/** Whether `whole` is `part` with something before or behind it, at a separator. */
function isPartOf(part: string, whole: string): boolean {
  if (part === '' || whole.length <= part.length) return false;
  return (whole.endsWith(part) && separators.includes(whole.at(-part.length - 1)!)) || (whole.startsWith(part) && separators.includes(whole[part.length]!));
}
