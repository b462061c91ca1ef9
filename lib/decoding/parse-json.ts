const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/**
 * JSON as the filters see it: whole numbers of at most 64 bits are bigint, exact where JavaScript's numbers are not; objects have no prototype to reach.
 * @throws SyntaxError where the text is no JSON, RangeError where it is nested too deeply
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text, ((_key: string, value: unknown, context?: { source?: string }) => {
    if (typeof value === 'number') {
      const source = context?.source ?? String(value);
      if (!/^-?\d{1,19}$/.test(source)) return value;
      const whole = BigInt(source);
      return whole < LEAST || whole > MOST ? value : whole;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return new Map(Object.entries(value));
    return value;
  }) as (key: string, value: unknown) => unknown);
}
