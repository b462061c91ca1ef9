import { EyeOff } from 'lucide-react';
import type { ReactNode } from 'react';

/** What a masking rule replaced in a record; as the API tells it. */
export interface Masked {
  key: boolean;
  value: 'parts' | 'whole' | null;
  headers: readonly string[];
  reason: string | null;
}

const MOST_NAMES = 8;

/** Says which parts of a record are masked, and what that means for whoever looks. */
export function MaskedNote({ masked }: { masked: Masked }): ReactNode {
  const names = masked.headers.length > MOST_NAMES ? `${masked.headers.slice(0, MOST_NAMES).join(', ')} and ${masked.headers.length - MOST_NAMES} more` : masked.headers.join(', ');
  const parts = [
    ...(masked.key ? ['the key'] : []),
    ...(masked.value === 'whole' ? ['the value'] : masked.value === 'parts' ? ['fields of the value'] : []),
    ...(masked.headers.length > 0 ? [`${masked.headers.length === 1 ? 'the header' : 'the headers'} ${names}`] : []),
  ];
  return (
    <p className="flex gap-2 rounded-md border border-line bg-surface px-3 py-1.5 text-muted">
      <EyeOff aria-hidden size={15} className="mt-0.5 shrink-0" />
      <span className="min-w-0 [overflow-wrap:anywhere]">
        Masked by the configuration: {parts.join('; ')}. {masked.reason === null ? '' : `${masked.reason} `}No role sees it here. A replay sends the true bytes.
      </span>
    </p>
  );
}
