import { diagnoseBroker } from './diagnose-broker.ts';
import { diagnoseClock } from './diagnose-clock.ts';
import { diagnoseCommitBeforeStart, diagnoseCommitPastEnd } from './diagnose-commit-range.ts';
import { diagnoseIdleMembers } from './diagnose-idle-members.ts';
import { diagnoseNoMember, diagnoseSilentMembers, diagnoseUnownedPartitions } from './diagnose-members.ts';
import { diagnoseMissingRight } from './diagnose-missing-right.ts';
import { diagnoseMissingTopic } from './diagnose-missing-topic.ts';
import { diagnoseNoProducer } from './diagnose-no-producer.ts';
import { diagnosePoisonMessage } from './diagnose-poison-message.ts';
import { diagnoseRebalanceLoop } from './diagnose-rebalance-loop.ts';
import { diagnoseSkew } from './diagnose-skew.ts';
import { diagnoseTooFewConsumers } from './diagnose-too-few-consumers.ts';
import { diagnoseTransaction } from './diagnose-transaction.ts';
import type { Cause, CauseKind, Diagnose, DiagnosisFacts } from './diagnosis-facts.ts';

const CAUSES: readonly Diagnose[] = [
  diagnoseTransaction,
  diagnosePoisonMessage,
  diagnoseTooFewConsumers,
  diagnoseIdleMembers,
  diagnoseSkew,
  diagnoseRebalanceLoop,
  diagnoseCommitPastEnd,
  diagnoseCommitBeforeStart,
  diagnoseMissingTopic,
  diagnoseBroker,
  diagnoseMissingRight,
  diagnoseClock,
  diagnoseNoProducer,
  diagnoseNoMember,
  diagnoseSilentMembers,
  diagnoseUnownedPartitions,
];

/** What a cause explains as a consequence of its own: beside it those say nothing new. */
const EXPLAINS: Partial<Record<CauseKind, readonly CauseKind[]>> = {
  transaction: ['silent-members'],
  'poison-message': ['silent-members', 'skew'],
  'missing-topic': ['silent-members', 'idle-members'],
  'no-member': ['nobody-produces', 'skew'],
};

/** Likely causes of a group's state, the best supported first; empty where the evidence supports none. */
export function diagnose(facts: DiagnosisFacts): Cause[] {
  const found = CAUSES.map((cause) => cause(facts)).filter((cause) => cause !== null);
  const explained = new Set(found.flatMap((cause) => (cause.weight >= 0.7 ? (EXPLAINS[cause.kind] ?? []) : [])));
  return found.filter((cause) => !explained.has(cause.kind)).toSorted((a, b) => b.weight - a.weight);
}
