// The words of consumer lag. Offsets are bigint; null means "not known" or "none", never 0.

/** How a group, or one of its partitions, is doing. Rules: lib/lag/partition-status.ts and lib/lag/group-status.ts. */
export type LagStatus =
  | 'losing-data' // the log start passed the committed offset: records were deleted unread
  | 'stopped' // records wait and nobody commits
  | 'stalled' // members are there, the offset does not move although records wait
  | 'rewound' // the committed offset went back
  | 'falling-behind' // commits come, but the lag only grows
  | 'rebalancing' // members have been rearranging for longer than a moment
  | 'expired' // commits vanished with records still waiting
  | 'unknown' // not read, or never committed
  | 'empty' // no members, and nothing waits
  | 'ok';

/** Most urgent first. The list of groups sorts by it. */
export const LAG_STATUSES: readonly LagStatus[] = ['losing-data', 'stopped', 'stalled', 'rewound', 'falling-behind', 'rebalancing', 'expired', 'unknown', 'empty', 'ok'];

/** How a reason begins that is a right Waybill's user does not have. Adapters write it, a diagnosis recognises it. */
export const MISSING_RIGHT = "Waybill's user has no right to";

/** Where the age of the oldest unprocessed record comes from. */
export type SecondsQuality =
  | 'exact' // an anchor lies on the committed offset
  | 'interpolated' // between two anchors
  | 'at-least' // older than the oldest anchor
  | 'unknown';

export type GroupType = 'classic' | 'consumer' | 'share' | 'streams' | 'simple' | 'unknown';

/** Position of a partition's log and of one group in it, as read in one cycle. */
export interface PartitionPosition {
  /** null = no commit. Of a share group: its start, below which everything is acknowledged. */
  committedOffset: bigint | null;
  /** Records at or above the committed offset that are done already: a share group acknowledges one by one (KIP-932). Default 0. */
  acknowledgedAhead?: bigint;
  /** High watermark: the offset the next visible record will get. */
  endOffset: bigint | null;
  /** End of what a read_committed consumer may see; below the high watermark while a transaction is open. */
  lastStableOffset: bigint | null;
  /** The oldest offset still there. */
  logStartOffset: bigint | null;
}

/** A transaction that was open on a partition when its brokers were asked. Times are epoch ms. */
export interface OpenTransaction {
  producerId: bigint;
  producerEpoch: number;
  /** Its first record here: the last stable offset stands there or before. */
  startOffset: bigint;
  /** When the producer last wrote here. */
  lastAt: number | null;
  /** null where no coordinator knows the producer: nobody is left to end the transaction. */
  transactionalId: string | null;
  /** As the coordinator says: Ongoing, PrepareCommit … */
  state: string | null;
  startedAt: number | null;
  timeoutMs: number | null;
  /** Id of the broker that coordinates it. */
  coordinator: number | null;
}

/** A group over a minute or an hour: the highest and the last figures of it. null = not known. */
export interface LagOverTime {
  lagMax: bigint | null;
  lagLast: bigint | null;
  secondsMax: number | null;
  secondsLast: number | null;
  quality: string | null;
  producedPerSecond: number | null;
  consumedPerSecond: number | null;
  status: string;
  unknownPartitions: number;
  memberCount: number | null;
}

export interface GroupMember {
  memberId: string;
  clientId: string;
  host: string;
  instanceId: string | null;
  assignments: { topic: string; partitions: number[] }[];
  /** Topics it asked for by name, also those that do not exist. Absent where the protocol does not say. */
  subscriptions?: string[];
}
