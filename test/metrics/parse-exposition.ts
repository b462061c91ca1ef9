export interface ParsedMetric {
  type: string;
  help: string;
  samples: { labels: Record<string, string>; value: number; text: string }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf|NaN)$/;

/**
 * A strict reader of the text format of Prometheus (version 0.0.4): stricter than Prometheus itself, which forgives much of this.
 * @throws with the line, where HELP and TYPE do not stand once before the samples of their metric, samples of a metric do not stand together, a name,
 * an escape or a number is not one, or a series comes twice
 */
export function parseExposition(text: string): Map<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const metrics = new Map<string, ParsedMetric>();
  const series = new Set<string>();
  let current: { name: string; metric: ParsedMetric } | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const help = /^# HELP (\S+) (.*)$/.exec(line);
    if (help) {
      const [, name = '', words = ''] = help;
      if (!NAME.test(name)) fail('not a name');
      if (metrics.has(name)) fail('HELP twice');
      if (/\\(?![\\n])/.test(words)) fail('not an escape');
      current = { name, metric: { type: '', help: words, samples: [] } };
      metrics.set(name, current.metric);
      continue;
    }
    const type = /^# TYPE (\S+) (counter|gauge)$/.exec(line);
    if (type) {
      if (current === null || current.name !== type[1]) return fail('TYPE without its HELP before it');
      if (current.metric.type !== '' || current.metric.samples.length > 0) fail('TYPE twice, or after samples');
      current.metric.type = type[2] ?? '';
      continue;
    }
    const { name, labels, value } = parseSample(line) ?? fail('neither a comment nor a sample');
    if (current === null || current.name !== name || current.metric.type === '') return fail('a sample that does not stand with its metric');
    if (!VALUE.test(value)) fail('not a number');
    const identity = `${name}${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
    if (series.has(identity)) fail('the same series twice');
    series.add(identity);
    current.metric.samples.push({ labels, value: Number(value.replace('Inf', 'Infinity')), text: value });
  }
  return metrics;
}

function parseSample(line: string): { name: string; labels: Record<string, string>; value: string } | null {
  const head = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{)?/.exec(line);
  if (!head) return null;
  const labels: Record<string, string> = {};
  let at = head[0].length;
  if (head[2]) {
    for (;;) {
      const label = /^([^=,{}"]+)="((?:[^"\\\n]|\\["\\n])*)"([,}])/.exec(line.slice(at));
      if (!label) return null;
      const [all, key = '', escaped = '', end] = label;
      if (!LABEL.test(key) || key in labels) return null;
      labels[key] = escaped.replaceAll(/\\(["\\n])/g, (_, mark: string) => (mark === 'n' ? '\n' : mark));
      at += all.length;
      if (end === '}') break;
    }
  }
  const value = /^ (\S+)$/.exec(line.slice(at));
  return value ? { name: head[1] ?? '', labels, value: value[1] ?? '' } : null;
}
