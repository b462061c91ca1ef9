import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layOutMap, type MapLine, type MapPlacement } from './lay-out-map.ts';

/** "a>b": a leads to b; "a|b": they belong together. */
const edges = (...pairs: string[]): MapLine[] => pairs.map((pair) => ({ from: pair.split(/[>|]/)[0]!, to: pair.split(/[>|]/)[1]!, beside: pair.includes('|') }));
const at = (placement: MapPlacement) => Object.fromEntries([...placement].map(([id, { column, row }]) => [id, `${column}:${row}`]));

interface Graph {
  nodes: string[];
  edges: MapLine[];
}

const graph = (most: number): fc.Arbitrary<Graph> =>
  fc.tuple(fc.integer({ min: 0, max: most }), fc.array(fc.tuple(fc.nat(most), fc.nat(most), fc.integer({ min: 0, max: 5 })), { maxLength: 2 * most })).map(([count, pairs]) => ({
    nodes: Array.from({ length: count }, (_, place) => `n${place}`), edges: pairs.map(([from, to, kind]) => ({ from: `n${from}`, to: `n${to}`, beside: kind === 0 })),
  }));

test('a chain lies in one row, from who writes to who reads', () => {
  assert.deepEqual(at(layOutMap(['a', 'b', 'c'], edges('a>b', 'b>c'))), { a: '0:0', b: '1:0', c: '2:0' });
});

test('what nothing leads to stands just before what it leads to', () => {
  assert.equal(layOutMap(['a', 'b', 'c', 'late'], edges('a>b', 'b>c', 'late>c')).get('late')!.column, 1);
});

test('parts without a connection lie below each other, the largest first', () => {
  const placement = layOutMap(['x', 'a', 'b'], edges('a>b'));
  assert.deepEqual(at(placement), { a: '0:0', b: '1:0', x: '0:1' });
});

test('a group stands over the service that reads as it, in one column', () => {
  const placement = layOutMap(['group:g', 'service:s', 'topic:a', 'topic:b'], edges('topic:a>group:g', 'group:g|service:s', 'service:s>topic:b'));
  assert.deepEqual(at(placement), { 'topic:a': '0:0', 'group:g': '1:0', 'service:s': '1:1', 'topic:b': '2:0' });
  const grown = layOutMap([...placement.keys(), 'group:h'], edges('group:h|service:s', 'topic:a>group:h'), placement);
  assert.equal(grown.get('group:h')!.column, 1);
});

test('a loop is drawn, whichever step leads back', () => {
  const placement = layOutMap(['a', 'b', 'c'], edges('a>b', 'b>c', 'c>a'));
  assert.equal(new Set([...placement.values()].map((place) => place.column)).size, 3);
});

test('every node has a place of its own, right of what leads to it where there is no loop, and the order of nodes and edges makes no difference', () => {
  fc.assert(
    fc.property(graph(30), ({ nodes, edges: all }) => {
      const placement = layOutMap(nodes, all);
      assert.deepEqual([...placement.keys()].toSorted(), nodes.toSorted());
      assert.equal(new Set(Object.values(at(placement))).size, nodes.length);
      assert.deepEqual(at(layOutMap(nodes.toReversed(), all.toReversed())), at(placement));
      const forward = all.filter(({ from, to, beside }) => !beside && Number(from.slice(1)) < Number(to.slice(1)));
      const straight = layOutMap(nodes, forward);
      for (const { from, to } of forward) if (straight.has(from) && straight.has(to)) assert.ok(straight.get(to)!.column > straight.get(from)!.column);
    }),
  );
});

test('between refreshes, whatever comes and goes, a node that had a place keeps it, and no place is taken twice', () => {
  fc.assert(
    fc.property(fc.array(graph(25), { minLength: 2, maxLength: 6 }), (refreshes) => {
      let placement: MapPlacement | null = null;
      const first = new Map<string, string>();
      for (const { nodes, edges: all } of refreshes) {
        placement = layOutMap(nodes, all, placement);
        const places = at(placement);
        assert.equal(new Set(Object.values(places)).size, placement.size);
        for (const id of nodes) {
          assert.ok(places[id] !== undefined);
          // Also what was gone for a while.
          if (first.has(id)) assert.equal(places[id], first.get(id));
          else first.set(id, places[id]);
        }
      }
    }),
  );
});

test('where nothing new came the placement is the very same one, so that nothing is drawn anew', () => {
  const placement = layOutMap(['a', 'b', 'c'], edges('a>b', 'b>c'));
  assert.equal(layOutMap(['b', 'a'], edges('a>b', 'b>a'), placement), placement);
});

test('a new reader stands right of its topic, in a free place', () => {
  const before = layOutMap(['s', 't', 'g1'], edges('s>t', 't>g1'));
  const after = layOutMap(['s', 't', 'g1', 'g2'], edges('s>t', 't>g1', 't>g2'), before);
  assert.deepEqual(after.get('g2'), { column: 2, row: 1 });
});

test('three hundred nodes that all write to each other are placed', () => {
  const nodes = Array.from({ length: 300 }, (_, place) => `n${place}`);
  assert.equal(layOutMap(nodes, nodes.flatMap((from) => nodes.slice(0, 20).map((to) => ({ from, to, beside: false })))).size, 300);
});
