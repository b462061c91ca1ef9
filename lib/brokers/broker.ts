import type { GroupsPort } from './port-groups.ts';
import type { MembershipPort } from './port-membership.ts';
import type { OffsetsPort } from './port-offsets.ts';
import type { RecordsPort } from './port-records.ts';
import type { ReplayPort } from './port-replay.ts';
import type { RightsPort } from './port-rights.ts';
import type { TopicsPort } from './port-topics.ts';

/** What any broker can be asked. One port a subject; an adapter composes them. */
export interface Broker extends OffsetsPort, GroupsPort, MembershipPort, RecordsPort, ReplayPort, RightsPort, TopicsPort {
  readonly kind: 'kafka';
  /** The cluster's name in the configuration. */
  readonly name: string;
  close(): Promise<void>;
}
