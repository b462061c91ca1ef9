import { type Cause, type DiagnosisFacts } from './diagnosis-facts.ts';

/** Members asked for a topic by a name that the cluster does not have. */
export function diagnoseMissingTopic(facts: DiagnosisFacts): Cause | null {
  const [first, ...more] = facts.missingTopics;
  if (first === undefined || facts.members === null) return null;
  const asking = facts.members.filter((member) => member.subscriptions?.some((topic) => facts.missingTopics.includes(topic)));
  if (asking.length === 0) return null;
  const only = asking.every((member) => member.subscriptions?.every((topic) => facts.missingTopics.includes(topic)));
  return {
    kind: 'missing-topic',
    weight: only ? 0.92 : 0.5,
    headline: `${facts.group} is subscribed to ${more.length === 0 ? `"${first}", a topic that does not exist` : `${facts.missingTopics.length} topics that do not exist: ${facts.missingTopics.slice(0, 3).map((topic) => `"${topic}"`).join(', ')}${facts.missingTopics.length > 3 ? ' …' : ''}`}.`,
    evidence: [`Asked for by ${asking.slice(0, 4).map((member) => member.clientId || member.memberId).join(', ')}${asking.length > 4 ? ` and ${asking.length - 4} more` : ''}${only ? ', and by nothing else: so nothing is read' : ''}.`],
    nextStep: `Check the name for a typing error or a prefix of the environment; create the topic if it is missing, or take it out of the subscription. If it is there, Waybill may not see it: its user needs the right to DESCRIBE it.`,
  };
}
