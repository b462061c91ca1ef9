import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hop, JourneyGraph } from '#lib/model/journey.ts';
import { addCommittedGroups, type RecordCommits } from './add-committed-groups.ts';

const startNs = 1_000_000_000n;

function hop(id: string, given: Partial<Hop>): Hop {
  return {
    id, kind: 'process', knownBy: 'spans', service: null, topic: 'orders', partition: 0, offset: 8n, group: null, traceId: null, spanId: null, startNs, durationNs: 1_000_000n, queueNs: null, skewNs: null,
    error: null, ghost: false, attempts: [], uncertain: false, deferredTo: null, messageKey: null, deadLetterId: null, replayId: null, actor: null, outcome: null, ...given,
  };
}

function graphOf(...readers: Partial<Hop>[]): JourneyGraph {
  const hops = [hop('send', { kind: 'send', service: 'shop' }), ...readers.map((reader, place) => hop(`reader ${place}`, { startNs: startNs + 5n, ...reader }))];
  return { hops, edges: hops.slice(1).map((each) => ({ from: 'send', to: each.id, evidence: [{ kind: 'coordinate', detail: '' }] })), key: null, keyBy: null, traceIds: ['t'], startNs, lastNs: startNs, references: [] };
}

function commits(...groups: [name: string, committedOffset: bigint | null, watchedSinceNs: bigint | null][]): RecordCommits[] {
  return [{ topic: 'orders', partition: 0, offset: 8n, groups: groups.map(([name, committedOffset, watchedSinceNs]) => ({ name, committedOffset, watchedSinceNs })) }];
}

const ghosts = (graph: JourneyGraph) => graph.hops.filter((each) => each.knownBy === 'commits').map((each) => each.group);

test('a group that committed past a record without a span of it is a ghost hop right behind the record, with its reason', () => {
  const graph = addCommittedGroups(graphOf({ group: 'mail' }), commits(['billing', 9n, 0n], ['mail', 9n, 0n]));
  assert.deepEqual(graph.hops.map((each) => [each.id, each.ghost]), [['send', false], ['o:orders:0@8|billing', true], ['reader 0', false]]);
  assert.deepEqual(graph.edges.at(-1), { from: 'send', to: 'o:orders:0@8|billing', evidence: [{ kind: 'coordinate', detail: 'billing has committed 9, past orders:0@8; no span tells of it' }] });
});

test('who has not passed, was not watched then, or may be a span without a group is no ghost', () => {
  assert.deepEqual(ghosts(addCommittedGroups(graphOf(), commits(['behind', 8n, 0n], ['unknown', null, 0n], ['later', 9n, startNs + 1n], ['unwatched', 9n, null]))), []);
  assert.deepEqual(ghosts(addCommittedGroups(graphOf({ service: 'payments-worker' }), commits(['billing', 9n, 0n]))), [], 'the worker may be of that group');
  assert.deepEqual(ghosts(addCommittedGroups(graphOf({ service: 'billing' }), commits(['billing', 9n, 0n], ['mail', 9n, 0n]))), ['mail'], 'a service called like the group is it');
});
