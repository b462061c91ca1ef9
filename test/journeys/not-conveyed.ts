/** What can't be known from the bodies of a run, with the reason. Whoever adds a run says here what its bodies leave open. */
export interface NotConveyed {
  /** Hops that no evidence in the bodies connects with their event. */
  hops: number;
  why: string | null;
  /** Failed attempts that no span shows. */
  attempts: number;
  whyAttempts: string | null;
}

const inHandler = 'the handler repeats the attempt inside one call: one span for all of them';
const ended = 'the consumer span is over before the handler runs and its attempts begin';
const left = 'the poll loop was left early: the spans of the first two attempts never ended';

export const notConveyed: Record<string, NotConveyed> = {
  'java-clients': { hops: 0, why: null, attempts: 2, whyAttempts: left },
  'java-clients-receive': { hops: 0, why: null, attempts: 2, whyAttempts: left },
  'node-kafkajs-batch-json': { hops: 0, why: null, attempts: 0, whyAttempts: null },
  'node-kafkajs-json': { hops: 0, why: null, attempts: 0, whyAttempts: null },
  'node-kafkajs-proto': { hops: 0, why: null, attempts: 0, whyAttempts: null },
  'python-aiokafka': { hops: 19, why: 'no span carries the correlation id, and the consumer span is over before the handler runs: what payment publishes is a new trace without a parent or a link', attempts: 2, whyAttempts: ended },
  'python-confluent': { hops: 0, why: null, attempts: 2, whyAttempts: inHandler },
  'python-confluent-batch': { hops: 19, why: 'payment handles ten records in one span with ten links and publishes inside it: which of the ten a publication came of is not said', attempts: 2, whyAttempts: inHandler },
  'python-kafka-python-hooks': { hops: 0, why: null, attempts: 2, whyAttempts: ended },
};
