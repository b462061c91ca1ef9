import type { MissingHopFact, Reading, RuleParams } from '#lib/model/alert.ts';
import { matchWildcard } from './match-pattern.ts';
import { sayMany, saySeconds } from './say-figure.ts';

/**
 * Readings of missing-hop, one for each entry type and step. Steps that no journey missed are absent: see judgeAbsent.
 * A rule for any step counts each journey where its path breaks off, so that one lost hop is one alert and not one for each hop behind it.
 */
export function judgeMissingHops(params: Extract<RuleParams, { kind: 'missing-hop' }>, facts: readonly MissingHopFact[]): Reading[] {
  const asks = (fact: MissingHopFact) => params.step === null || matchWildcard(params.step, fact.step) || matchWildcard(params.step, fact.stepText);
  return facts
    .filter((fact) => matchWildcard(params.entryType, fact.entryType) && asks(fact))
    .flatMap((fact): Reading[] => {
      const value = params.step === null ? fact.brokenOff : fact.journeys;
      if (value === 0) return [];
      return [{
        labels: { entry_type: fact.entryType, step: fact.step },
        observation: {
          kind: 'figure', value, threshold: params.atLeast, breaching: value >= params.atLeast,
          sentence: `${sayMany(value, 'event', 'events')} of ${fact.entryType} never reached ${fact.stepText}: the time was over within the last ${saySeconds(params.withinSeconds)}.`,
        },
      }];
    });
}
