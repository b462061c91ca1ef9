import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EVIDENCE_BY_STRENGTH } from '#lib/model/journey.ts';
import { type FlowEdge, layOutFlow } from './lay-out-flow.ts';

const hop = (id: string, alike = id) => ({ id, alike });
const edge = (from: string, to: string, kind: FlowEdge['evidence'][number]['kind'] = 'parent'): FlowEdge => ({ from, to, evidence: [{ kind, detail: '' }] });
const wide = { mostAlike: 3, mostNodes: 500 };

test('a chain lies in one row, a second effect below its cause', () => {
  const { nodes, columns, rows } = layOutFlow(['a', 'b', 'c', 'd'].map((id) => hop(id)), [edge('a', 'b'), edge('b', 'c'), edge('a', 'd')], wide);
  assert.deepEqual(nodes.map(({ id, column, row }) => [id, column, row]), [['a', 0, 0], ['b', 1, 0], ['c', 2, 0], ['d', 1, 1]]);
  assert.deepEqual([columns, rows], [3, 2]);
});

test('a hop lies under the cause of the strongest evidence; the weaker one is drawn beside', () => {
  const { nodes, lines } = layOutFlow(['a', 'b', 'c'].map((id) => hop(id)), [edge('a', 'c', 'correlation'), edge('b', 'c', 'coordinate')], wide);
  assert.equal(nodes.find(({ id }) => id === 'c')?.row, nodes.find(({ id }) => id === 'b')?.row);
  assert.deepEqual(lines, [{ from: 'b', to: 'c', kind: 'coordinate', main: true }, { from: 'a', to: 'c', kind: 'correlation', main: false }]);
});

test('many alike are one node with all that came of them, until it is unfolded', () => {
  const hops = [hop('a'), ...Array.from({ length: 50 }, (_, index) => hop(`b${index}`, 'b')), ...Array.from({ length: 50 }, (_, index) => hop(`c${index}`))];
  const edges = Array.from({ length: 50 }, (_, index) => [edge('a', `b${index}`), edge(`b${index}`, `c${index}`)]).flat();
  const folded = layOutFlow(hops, edges, wide);
  assert.equal(folded.nodes.length, 1 + 3 * 2 + 1);
  assert.equal(folded.nodes.find(({ id }) => id === 'more:a:b')?.hops.length, 47 * 2);
  assert.equal(folded.left, 0);
  assert.equal(layOutFlow(hops, edges, { ...wide, unfolded: new Set(['more:a:b']) }).nodes.length, 101);
});

test('a journey of ten thousand hops in a chain is cut at the bound, and says how many are left', () => {
  const hops = Array.from({ length: 10_000 }, (_, index) => hop(`h${index}`));
  const flow = layOutFlow(hops, hops.slice(1).map(({ id }, index) => edge(`h${index}`, id)), { mostAlike: 3, mostNodes: 200 });
  assert.deepEqual([flow.nodes.length, flow.left, flow.rows], [200, 9_800, 1]);
});

test('whatever the edges say, each hop has one place, no place is taken twice, and effects lie right of their causes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.constantFrom(...EVIDENCE_BY_STRENGTH)), { maxLength: 80 }), (count, pairs) => {
      const hops = Array.from({ length: count }, (_, index) => hop(`h${index}`, `x${index % 3}`));
      const flow = layOutFlow(hops, pairs.map(([from, to, kind]) => edge(`h${from}`, `h${to}`, kind)), { mostAlike: 2, mostNodes: 1_000 });
      const placed = flow.nodes.flatMap((node) => node.hops);
      assert.deepEqual(placed.toSorted(), hops.map(({ id }) => id).toSorted());
      assert.equal(new Set(flow.nodes.map(({ column, row }) => `${column}:${row}`)).size, flow.nodes.length);
      const at = new Map(flow.nodes.map((node) => [node.id, node]));
      for (const line of flow.lines) if (line.main) assert.equal(at.get(line.to)!.column, at.get(line.from)!.column + 1);
    }),
  );
});
