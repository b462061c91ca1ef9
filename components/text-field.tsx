'use client';

import { useId, type ComponentProps, type ReactNode } from 'react';

const FIELD = 'w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink placeholder:text-faint aria-invalid:border-bad disabled:bg-sunken disabled:text-muted';

interface Common {
  label: string;
  /** One line under the field: unit, format, example. */
  hint?: ReactNode;
  error?: string | null | undefined;
  /** The label is for screen readers only (a search box beside its heading). */
  hideLabel?: boolean;
}

function Frame({ id, label, hint, error, hideLabel, children }: Common & { id: string; children: ReactNode }): ReactNode {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'font-medium'}>
        {label}
      </label>
      {children}
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-xs text-bad-ink">
          {error}
        </p>
      ) : hint ? (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

function described(id: string, { hint, error }: Common): string | undefined {
  return error ? `${id}-error` : hint ? `${id}-hint` : undefined;
}

/** One line of text with its label, hint and error. */
export function TextField({ label, hint, error, hideLabel, className, ...rest }: Common & ComponentProps<'input'>): ReactNode {
  const id = useId();
  const common: Common = { label, hint, error, ...(hideLabel ? { hideLabel } : {}) };
  return (
    <Frame id={id} {...common}>
      <input id={id} autoComplete="off" spellCheck={false} aria-invalid={Boolean(error) || undefined} aria-describedby={described(id, common)} className={`${FIELD} h-8 ${className ?? ''}`} {...rest} />
    </Frame>
  );
}

/** Several lines of text. */
export function TextArea({ label, hint, error, hideLabel, className, ...rest }: Common & ComponentProps<'textarea'>): ReactNode {
  const id = useId();
  const common: Common = { label, hint, error, ...(hideLabel ? { hideLabel } : {}) };
  return (
    <Frame id={id} {...common}>
      <textarea id={id} rows={3} aria-invalid={Boolean(error) || undefined} aria-describedby={described(id, common)} className={`${FIELD} py-1.5 ${className ?? ''}`} {...rest} />
    </Frame>
  );
}

/** One of a few. The platform's own select: it works with every keyboard and screen reader. */
export function SelectField({ label, hint, error, hideLabel, className, options, ...rest }: Common & ComponentProps<'select'> & { options: readonly { value: string; label: string }[] }): ReactNode {
  const id = useId();
  const common: Common = { label, hint, error, ...(hideLabel ? { hideLabel } : {}) };
  return (
    <Frame id={id} {...common}>
      <select id={id} aria-invalid={Boolean(error) || undefined} aria-describedby={described(id, common)} className={`${FIELD} h-8 ${className ?? ''}`} {...rest}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}
