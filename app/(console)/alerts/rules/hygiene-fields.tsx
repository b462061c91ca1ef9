'use client';

import type { ReactNode } from 'react';
import { SelectField } from '#components/text-field.tsx';
import { describeKind } from '#lib/hygiene/describe-kind.ts';
import { FINDING_KINDS } from '#lib/model/hygiene.ts';

/** Which findings a rule is about. */
export function HygieneFields({ kinds, minSeverity }: { kinds: readonly string[]; minSeverity: string }): ReactNode {
  return (
    <>
      <fieldset>
        <legend className="mb-1 font-medium">Findings</legend>
        <div className="flex flex-wrap gap-x-4 gap-y-1">
          {FINDING_KINDS.map((kind) => (
            <label key={kind} className="flex items-center gap-1.5">
              <input type="checkbox" name="kinds" value={kind} defaultChecked={kinds.includes(kind)} />
              {describeKind(kind).title}
            </label>
          ))}
        </div>
        <p className="mt-1 text-xs text-muted">None checked: every kind.</p>
      </fieldset>
      <SelectField
        label="At least as severe as"
        name="minSeverity"
        defaultValue={minSeverity}
        options={[
          { value: 'info', label: 'info' },
          { value: 'warning', label: 'warning' },
          { value: 'critical', label: 'critical' },
        ]}
      />
    </>
  );
}
