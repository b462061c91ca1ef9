/** What recharts asks of a scale (the part of d3-scale's interface that a figure against a figure needs). */
interface LinearScale {
  (value: number): number;
  domain(): [number, number];
  domain(domain: readonly number[]): LinearScale;
  range(): [number, number];
  range(range: readonly number[]): LinearScale;
  invert(pixel: number): number;
  copy(): LinearScale;
}

/**
 * A straight scale. next.config.ts puts this file in the place of d3-scale: recharts looks scales up by name and so brings all of
 * them, with colours, dates and number formats (17 kB gzip), and our charts have two straight axes with ticks of their own.
 */
export function scaleLinear(): LinearScale {
  return linear([0, 1], [0, 1]);
}

/** For the brush of recharts, which is not used here. */
export const scalePoint = scaleLinear;

function linear(from: readonly [number, number], to: readonly [number, number]): LinearScale {
  let [d0, d1] = from;
  let [r0, r1] = to;
  const scale = ((value: number) => (d1 === d0 ? (r0 + r1) / 2 : r0 + ((value - d0) / (d1 - d0)) * (r1 - r0))) as LinearScale;
  scale.domain = ((domain?: readonly number[]) => {
    if (domain === undefined) return [d0, d1];
    [d0 = 0, d1 = 1] = domain;
    return scale;
  }) as LinearScale['domain'];
  scale.range = ((range?: readonly number[]) => {
    if (range === undefined) return [r0, r1];
    [r0 = 0, r1 = 1] = range;
    return scale;
  }) as LinearScale['range'];
  scale.invert = (pixel) => (r1 === r0 ? d0 : d0 + ((pixel - r0) / (r1 - r0)) * (d1 - d0));
  scale.copy = () => linear([d0, d1], [r0, r1]);
  return scale;
}
