import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideClaim, type ClaimInput } from './decide-claim.ts';

const fresh: ClaimInput = { archived: false, bodyKept: true, generation: 0, generationSeen: null, openReplayId: null, lastState: null, failedGenerations: 0, allowParked: false };

test('a dead letter is claimed once; again takes the generation the caller saw', () => {
  assert.equal(decideClaim(fresh), null);
  assert.equal(decideClaim({ ...fresh, openReplayId: 'r' })?.code, 'already-replaying');
  assert.equal(decideClaim({ ...fresh, generation: 1, lastState: 'processed' })?.code, 'already-replayed');
  assert.equal(decideClaim({ ...fresh, generation: 1, lastState: 'processed', generationSeen: 1 }), null);
  assert.equal(decideClaim({ ...fresh, generation: 2, lastState: 'processed', generationSeen: 1 })?.code, 'generation-changed');
  assert.equal(decideClaim({ ...fresh, generation: 1, generationSeen: 1, openReplayId: 'r' })?.code, 'already-replaying');
});

test('what cannot or must not be sent says why', () => {
  assert.equal(decideClaim({ ...fresh, archived: true })?.code, 'archived');
  assert.equal(decideClaim({ ...fresh, generation: 3, generationSeen: 3, lastState: 'failed-again', failedGenerations: 3 })?.code, 'parked');
  assert.equal(decideClaim({ ...fresh, generation: 3, generationSeen: 3, lastState: 'failed-again', failedGenerations: 3, allowParked: true }), null);
  assert.equal(decideClaim({ ...fresh, bodyKept: false })?.code, 'body-expired');
});
