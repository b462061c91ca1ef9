// The alert state machine. Time and the reading are arguments; nothing here knows a store or a clock.
//
//   normal      nothing is wrong
//   pending     the condition holds, but not yet for `forMs`; nobody is told
//   firing      told
//   recovering  the condition no longer holds, but not yet for `keepMs`; still told as firing (stops flapping)
//   no-data     the figure is unknown; `heldPhase` is what the alert was, and it stays that for notifications
//               (policy "keep"), or the missing figure itself counts as a breach (policy "fire")
//   error       the rule could not be evaluated; as no-data with policy "keep", whatever the policy is
//
//   normal ──breach──▶ pending ──for──▶ firing ──clear──▶ recovering ──keep──▶ normal
//     ▲  └──breach, for 0──────────────────▲ ▲              │
//     └────────clear─── pending            │ └────breach────┘
//
// Timers run on the wall clock from the stored moments, so a restart changes nothing. A reading that is missing never
// moves a timer's end closer than a real reading: pending fires only on a breaching figure.

import type { AlertEffect, AlertInstance, AlertPhase, NoDataPolicy, Observation } from '#lib/model/alert.ts';

export interface EvaluationRule {
  /** How long the condition must hold before anyone is told. */
  forMs: number;
  /** How long it must have cleared before it counts as resolved. */
  keepMs: number;
  onNoData: NoDataPolicy;
}

export interface Evaluation {
  next: AlertInstance;
  effects: AlertEffect[];
}

/** An instance that nothing is known of yet. */
export const NEW_INSTANCE: AlertInstance = {
  state: 'normal',
  heldPhase: null,
  pendingSince: null,
  firingSince: null,
  recoveringSince: null,
  resolvedAt: null,
  missingSince: null,
  value: null,
  threshold: null,
  sentence: '',
};

/** What the alert is for notifications: its state, or what it holds while its figure is unknown. */
export function phaseOf(instance: Pick<AlertInstance, 'state' | 'heldPhase'>): AlertPhase {
  switch (instance.state) {
    case 'no-data':
    case 'error':
      return instance.heldPhase ?? 'normal';
    default:
      return instance.state;
  }
}

/** Whether receivers are (or will be) told that this alert fires. */
export function isActive(instance: Pick<AlertInstance, 'state' | 'heldPhase'>): boolean {
  const phase = phaseOf(instance);
  return phase === 'firing' || phase === 'recovering';
}

/**
 * One step of the machine: the state after `observation` at `now`, and what happened on the way.
 * `now` may repeat (a second evaluator) or jump back (clock change): timers then just end later.
 */
export function evaluateAlert(rule: EvaluationRule, state: AlertInstance, observation: Observation, now: Date): Evaluation {
  switch (observation.kind) {
    case 'error':
      return hold(state, 'error', observation.message, now);
    case 'no-data': {
      if (rule.onNoData === 'keep') return hold(state, 'no-data', observation.reason, now);
      // The missing figure is the breach. It shows as no-data on the way, so that nobody takes the old value for a new one.
      const missingSince = state.missingSince ?? now;
      const { phase, times, effects } = step(rule, state, true, now);
      return {
        next: { ...state, ...times, state: 'no-data', heldPhase: phase, missingSince, value: null, sentence: observation.reason },
        effects: state.missingSince === null ? ['data-lost', ...effects] : effects,
      };
    }
    case 'figure': {
      const { phase, times, effects } = step(rule, state, observation.breaching, now);
      return {
        next: {
          ...state,
          ...times,
          state: phase,
          heldPhase: null,
          missingSince: null,
          value: observation.value,
          threshold: observation.threshold,
          // While recovering, what is worth reading is still what was wrong together with the figure of now.
          sentence: observation.sentence,
        },
        effects: state.missingSince === null ? effects : ['data-returned', ...effects],
      };
    }
    case 'gone': {
      // The thing no longer exists: nothing will ever clear it, so it ends now, without `keepMs`.
      const wasActive = isActive(state);
      const wasPending = phaseOf(state) === 'pending';
      return {
        next: {
          ...state,
          state: 'normal',
          heldPhase: null,
          pendingSince: null,
          recoveringSince: null,
          missingSince: null,
          resolvedAt: wasActive ? now : state.resolvedAt,
        },
        effects: wasActive ? ['resolved'] : wasPending ? ['pending-cancelled'] : [],
      };
    }
  }
}

function hold(state: AlertInstance, as: 'no-data' | 'error', reason: string, now: Date): Evaluation {
  return {
    next: { ...state, state: as, heldPhase: phaseOf(state), missingSince: state.missingSince ?? now, sentence: state.sentence === '' ? reason : state.sentence },
    effects: state.missingSince === null ? ['data-lost'] : [],
  };
}

type Times = Pick<AlertInstance, 'pendingSince' | 'firingSince' | 'recoveringSince' | 'resolvedAt'>;

function step(rule: EvaluationRule, state: AlertInstance, breaching: boolean, now: Date): { phase: AlertPhase; times: Times; effects: AlertEffect[] } {
  const times: Times = {
    pendingSince: state.pendingSince,
    firingSince: state.firingSince,
    recoveringSince: state.recoveringSince,
    resolvedAt: state.resolvedAt,
  };
  const phase = phaseOf(state);
  switch (phase) {
    case 'normal':
      if (!breaching) return { phase, times, effects: [] };
      return rule.forMs <= 0
        ? { phase: 'firing', times: { pendingSince: now, firingSince: now, recoveringSince: null, resolvedAt: null }, effects: ['fired'] }
        : { phase: 'pending', times: { pendingSince: now, firingSince: null, recoveringSince: null, resolvedAt: null }, effects: ['became-pending'] };
    case 'pending': {
      if (!breaching) return { phase: 'normal', times: { ...times, pendingSince: null }, effects: ['pending-cancelled'] };
      const since = times.pendingSince ?? now;
      if (now.getTime() - since.getTime() < rule.forMs) return { phase, times: { ...times, pendingSince: since }, effects: [] };
      return { phase: 'firing', times: { pendingSince: since, firingSince: now, recoveringSince: null, resolvedAt: null }, effects: ['fired'] };
    }
    case 'firing':
      if (breaching) return { phase, times, effects: [] };
      return rule.keepMs <= 0
        ? { phase: 'normal', times: { ...times, pendingSince: null, recoveringSince: null, resolvedAt: now }, effects: ['resolved'] }
        : { phase: 'recovering', times: { ...times, recoveringSince: now }, effects: ['started-recovering'] };
    case 'recovering': {
      if (breaching) return { phase: 'firing', times: { ...times, recoveringSince: null }, effects: ['fired-again'] };
      const since = times.recoveringSince ?? now;
      if (now.getTime() - since.getTime() < rule.keepMs) return { phase, times: { ...times, recoveringSince: since }, effects: [] };
      return { phase: 'normal', times: { ...times, pendingSince: null, recoveringSince: null, resolvedAt: now }, effects: ['resolved'] };
    }
  }
}
