export type Labels = Readonly<Record<string, string | number>>;
export type Sample = readonly [Labels, number | bigint | string];

/**
 * The text format of Prometheus, version 0.0.4: HELP and TYPE once for each metric, its samples together after them. Each metric has at most
 * `maxSeries` of them, the first in the given order; what is left out is counted by metric in waybill_metrics_truncated_series.
 */
export class Exposition {
  readonly #maxSeries: number;
  readonly #lines: string[] = [];
  readonly #seen = new Set<string>();
  readonly #truncated: Sample[] = [];

  constructor(maxSeries: number) {
    this.#maxSeries = maxSeries;
  }

  /** @throws where a metric of that name was written before: its samples would not stand together */
  metric(name: string, type: 'gauge' | 'counter', help: string, samples: Iterable<Sample>): void {
    if (this.#seen.has(name)) throw new Error(`the metric ${name} was written twice`);
    this.#seen.add(name);
    this.#lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`);
    let count = 0;
    for (const [labels, value] of samples) {
      count += 1;
      if (count > this.#maxSeries) continue;
      let text = '';
      for (const key in labels) text += `${text === '' ? '' : ','}${key}="${escape(String(labels[key]))}"`;
      this.#lines.push(text === '' ? `${name} ${value}` : `${name}{${text}} ${value}`);
    }
    if (count > this.#maxSeries) this.#truncated.push([{ metric: name }, count - this.#maxSeries]);
  }

  text(): string {
    this.metric('waybill_metrics_truncated_series', 'gauge', 'Series that were left out because a metric had more than WAYBILL_METRICS_MAX_SERIES.', [...this.#truncated]);
    return `${this.#lines.join('\n')}\n`;
  }
}

function escape(label: string): string {
  return /["\\\n]/.test(label) ? label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : label;
}
