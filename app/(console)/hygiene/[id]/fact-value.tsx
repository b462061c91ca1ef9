import type { ReactNode } from 'react';
import { Figure } from '#components/figure.tsx';
import { formatPercent } from '#components/format.ts';
import type { FindingWire } from '#lib/operations/finding-shape.ts';

/** One figure of the evidence in its unit; what is not known says so. */
export function FactValue({ fact }: { fact: FindingWire['facts'][number] }): ReactNode {
  const { value, unit } = fact;
  if (typeof value === 'string') return value;
  switch (unit) {
    case 'bytes':
      return <Figure as="bytes" value={value} />;
    case 'ms':
      return <Figure as="duration" value={value} />;
    case 'share':
      return formatPercent(value);
    case 'count':
    case 'text':
      return <Figure as="count" value={value} />;
  }
}
