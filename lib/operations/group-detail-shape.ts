import { z } from 'zod';
import { offsetSchema, timeSchema } from '#lib/wire.ts';
import { groupSummarySchema, lagStatusSchema, secondsQualitySchema } from './group-shape.ts';

// The wire shape of one group with everything beneath it.

const offsetLabelSchema = z.enum(['compacted', 'transactional', 'compacted-and-transactional']).nullable().describe('why differences of offsets are not numbers of records; null where they are, as far as is known');

const ratesSchema = z.object({
  producedPerSecond: z.number().nullable().describe('over the last minute'),
  consumedPerSecond: z.number().nullable(),
  drainSeconds: z.number().nullable().describe('null where it is not known or never'),
  neverDrains: z.boolean(),
  lossSeconds: z.number().nullable().describe('estimate until retention reaches an unread record; 0 = it has; null where it is not known or never'),
  errorRate: z.number().nullable().describe('failed attempts and dead letters against all attempts of the last 15 minutes, 0 to 1; null where no trace of the group was seen'),
});

export const groupPartitionSchema = z.object({
  topic: z.string(),
  partition: z.number().int(),
  committedOffset: offsetSchema.nullable().describe('null = no commit'),
  endOffset: offsetSchema.nullable().describe('high watermark'),
  lastStableOffset: offsetSchema.nullable(),
  logStartOffset: offsetSchema.nullable(),
  lag: offsetSchema.nullable(),
  lagSeconds: z.number().nullable(),
  lagSecondsQuality: secondsQualitySchema,
  clockWarning: z.string().nullable().describe('a producer with a wrong clock wrote here: what came before Waybill watched is dated by its timestamps'),
  status: lagStatusSchema,
  statusSince: timeSchema.nullable(),
  member: z.string().nullable().describe('client id of the member the partition is assigned to'),
  memberHost: z.string().nullable(),
  observedAt: timeSchema.nullable(),
  committedAt: timeSchema.nullable().describe('when a change of the commit was last seen'),
  lost: offsetSchema.nullable(),
  blocked: offsetSchema.nullable().describe('offsets behind an open transaction'),
  blockedSince: timeSchema.nullable().describe('since when the last stable offset stands still, where it does for longer than a moment'),
  hanging: z.boolean().describe('the last stable offset has stood still for 5 minutes with the group at or past it'),
  openTransactions: z.array(
    z.object({
      producerId: offsetSchema,
      producerEpoch: z.number().int(),
      transactionalId: z.string().nullable().describe('null where no coordinator knows the producer'),
      state: z.string().nullable().describe('as its coordinator says'),
      startOffset: offsetSchema,
      startedAt: timeSchema.nullable(),
      timeoutSeconds: z.number().nullable(),
      coordinator: z.number().int().nullable(),
    }),
  ),
  retentionUsed: z.number().nullable().describe('share of the log that is unread, 0 to 1'),
  lossBy: z.enum(['retention', 'log-start']).nullable().describe('what lossSeconds is estimated from'),
  offsetLabel: offsetLabelSchema,
  attempts: z.number().int().nullable().describe('attempts to process records here that traces show, last 15 minutes; null where none was seen'),
  failedAttempts: z.number().int().nullable(),
  deadLetters: z.number().int(),
  retries: z.object({ offset: offsetSchema, attempts: z.number().int(), error: z.string().nullable() }).nullable().describe('the record at the committed offset, where every attempt at it failed'),
  leader: z.number().int().nullable(),
  error: z.string().nullable(),
  ...ratesSchema.shape,
});
export type GroupPartition = z.output<typeof groupPartitionSchema>;

export const groupTopicSchema = z.object({
  topic: z.string(),
  partitionCount: z.number().int().describe('partitions with a commit or an owner'),
  partitionsBehind: z.number().int(),
  lag: offsetSchema.nullable(),
  lagSeconds: z.number().nullable(),
  lagSecondsQuality: secondsQualitySchema,
  lost: offsetSchema,
  blocked: offsetSchema.nullable(),
  offsetLabel: offsetLabelSchema,
  ...ratesSchema.shape,
});
export type GroupTopic = z.output<typeof groupTopicSchema>;

export const groupMemberSchema = z.object({
  memberId: z.string(),
  clientId: z.string(),
  host: z.string(),
  instanceId: z.string().nullable(),
  assignments: z.array(z.object({ topic: z.string(), partitions: z.array(z.number().int()) })),
  subscriptions: z.array(z.string()).exactOptional().describe('topics it asked for by name, also those that do not exist; absent where the protocol does not say'),
});

export const causeSchema = z.object({
  kind: z.enum(['transaction', 'poison-message', 'too-few-consumers', 'idle-members', 'skew', 'rebalance-loop', 'commit-past-end', 'commit-before-start', 'missing-topic', 'broker', 'missing-right', 'wrong-clock', 'nobody-produces', 'no-member', 'silent-members', 'unowned-partitions']),
  weight: z.number().describe('how much the evidence explains, 0 to 1'),
  headline: z.string(),
  evidence: z.array(z.string()),
  nextStep: z.string(),
});

export const groupDetailSchema = groupSummarySchema.extend({
  protocol: z.string().nullable(),
  coordinator: z.number().int().nullable(),
  diagnosis: z.array(causeSchema).describe('likely causes, the best supported first; empty where the evidence supports none'),
  errorRate: ratesSchema.shape.errorRate,
  attempts: z.number().int().nullable().describe('attempts that traces show, last 15 minutes; null where none was seen'),
  failedAttempts: z.number().int().nullable(),
  deadLetters: z.number().int().describe('records of these attempts that became dead letters'),
  processingMs: z.number().nullable().describe('mean duration of an attempt'),
  lossSeconds: ratesSchema.shape.lossSeconds,
  topicFigures: z.array(groupTopicSchema).describe('most lag first'),
  partitions: z.array(groupPartitionSchema),
  memberList: z.array(groupMemberSchema),
  membersAt: timeSchema.nullable(),
});
export type GroupDetail = z.output<typeof groupDetailSchema>;
