'use client';

import { type ReactNode, type SelectHTMLAttributes, useEffect, useEffectEvent, useRef } from 'react';

interface PromptSelectProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange' | 'autoComplete'> {
  value: string;
  onChoose: (value: string) => void;
}

/** A list of choices that is there with the first paint. What somebody chooses before the scripts run counts as well: React itself forgets it. */
export function PromptSelect({ value, onChoose, children, ...rest }: PromptSelectProps): ReactNode {
  const element = useRef<HTMLSelectElement>(null);
  const catchUp = useEffectEvent(() => {
    const select = element.current;
    if (select === null || select.value === value) return;
    // An address may name what is no choice (any more): then what is seen was chosen by nobody.
    if ([...select.options].some((option) => option.value === value)) onChoose(select.value);
  });
  useEffect(() => catchUp(), []);
  return (
    // Without this a browser that goes back or reloads fills in what was chosen then, against the address.
    <select ref={element} autoComplete="off" value={value} onChange={(event) => onChoose(event.target.value)} {...rest}>
      {children}
    </select>
  );
}
