import { inState } from './current-state.ts';
import { matchesSearch } from './search-condition.ts';

/**
 * What the list of dead letters can be narrowed by; each an exact match but `search`. A replay's selection takes the same names. Without a
 * state, what is archived is left out: it was put aside.
 */
export interface DeadLetterFilter {
  cluster?: string | undefined;
  topic?: string | undefined;
  originTopic?: string | undefined;
  originGroup?: string | undefined;
  errorClass?: string | undefined;
  failure?: string | undefined;
  state?: string | undefined;
  correlationId?: string | undefined;
  /** Words of the message, class, frame or correlation id, whatever the case (search-condition.ts). */
  search?: string | undefined;
}

/** Condition over `d`: it was not put aside. */
export const NOT_ARCHIVED = `d.state <> 'archived'`;

/**
 * The filter as a condition over `dead_letter d`. Values only ever travel as parameters, which are appended to `params`.
 * @param options.withArchived without a state, what is archived too
 */
export function filterSql(filter: DeadLetterFilter, params: unknown[], options: { withArchived?: boolean } = {}): string {
  const bind = (value: unknown) => `$${params.push(value)}`;
  const where: string[] = [];
  if (filter.cluster) where.push(`d.cluster_id = (select id from cluster where name = ${bind(filter.cluster)})`);
  if (filter.topic) where.push(`d.topic_id in (select id from topic where name = ${bind(filter.topic)})`);
  if (filter.originTopic) where.push(`d.origin_topic = ${bind(filter.originTopic)}`);
  if (filter.originGroup) where.push(`d.origin_group = ${bind(filter.originGroup)}`);
  if (filter.errorClass) where.push(`d.error_class = ${bind(filter.errorClass)}`);
  if (filter.failure) where.push(`d.failure_id = ${bind(filter.failure)}`);
  if (filter.state) where.push(inState(filter.state, bind(filter.state)));
  else if (!options.withArchived) where.push(NOT_ARCHIVED);
  if (filter.correlationId) where.push(`d.correlation_id = ${bind(filter.correlationId)}`);
  if (filter.search) where.push(matchesSearch(filter.search, bind));
  return where.length === 0 ? 'true' : where.join(' and ');
}
