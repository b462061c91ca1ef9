import type { AwaitedStep, PathJudgement, StepName } from '#lib/model/expected-path.ts';
import { sayDuration } from './say-duration.ts';

/** "notification-service on stock", "order-service to orders": who handles or publishes what. */
export function stepText(step: Pick<StepName, 'kind' | 'service' | 'group' | 'topic'>): string {
  return `${step.service ?? step.group ?? 'an unknown service'} ${step.kind === 'send' ? 'to' : 'on'} ${step.topic ?? 'an unknown topic'}`;
}

/** The same of a step's id: "process notification-service stock". Topics hold no spaces. */
export function stepTextOf(id: string): string {
  const [kind, last] = [id.indexOf(' '), id.lastIndexOf(' ')];
  if (kind < 0 || last <= kind) return id;
  return stepText({ kind: id.startsWith('send ') ? 'send' : 'process', service: id.slice(kind + 1, last), group: null, topic: id.slice(last + 1) });
}

/** How a journey stands to its path, in one line: "7 of 9 hops; missing: notification-service on stock." */
export function describePath(judgement: PathJudgement): string {
  const { expected, done, missing, awaited, unseen, extra, slow } = judgement;
  const parts = [done === expected ? (expected === 1 ? 'The one expected hop' : `All ${expected} expected hops`) : `${done} of ${expected} hops`];
  const broken = missing.filter((each) => !each.behind);
  const named = broken.length > 0 ? broken : missing;
  if (missing.length > 0) {
    const rest = missing.length - Math.min(named.length, 3);
    parts.push(`missing: ${named.slice(0, 3).map(missingText).join(', ')}${rest > 0 ? ` and ${rest} more${broken.length > 0 && broken.length <= 3 ? ' after it' : ''}` : ''}`);
  } else if (awaited.length > 0) parts.push('the others still have time');
  if (unseen.length > 0) parts.push(`${unseen.length} known from commits alone`);
  if (extra.length > 0) parts.push(`not on the usual path: ${stepText(extra[0]!.step)}${extra.length > 1 ? ` and ${extra.length - 1} more` : ''}`);
  if (slow.length > 0) parts.push(`slow: ${stepText(slow[0]!.step)}, ${sayDuration(slow[0]!.overMs)} over its p95 of ${sayDuration(slow[0]!.p95Ms)}`);
  return `${parts.join('; ')}.`;
}

function missingText(each: AwaitedStep): string {
  return `${stepText(each.step)}${each.failed ? ' (it failed)' : each.seen > 0 ? ` (${each.seen} of ${each.required})` : ''}`;
}
