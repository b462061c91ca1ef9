'use client';

import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent border-transparent hover:bg-accent-hover font-medium',
  plain: 'bg-surface text-ink border-line hover:bg-hover hover:border-line-strong',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-hover hover:text-ink',
  danger: 'bg-surface text-bad-ink border-line hover:bg-bad-soft hover:border-bad font-medium',
};

function classes(look: Look, small: boolean, extra?: string): string {
  return `inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border whitespace-nowrap transition-colors aria-disabled:cursor-not-allowed aria-disabled:opacity-60 ${small ? 'h-7 px-2 text-xs' : 'h-8 px-3'} ${LOOKS[look]} ${extra ?? ''}`;
}

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  look?: Look;
  small?: boolean;
  /** Why it can't be used now: it then stays focusable, says the reason, and does nothing. */
  disabledReason?: string | null | undefined;
  /** Work is under way: it does nothing until that has ended. */
  busy?: boolean;
}

/** A button whose text says what will happen ("Replay 214 records to payments"). */
export function Button({ look = 'plain', small = false, disabledReason, busy = false, className, onClick, type = 'button', title, ...rest }: ButtonProps): ReactNode {
  const off = Boolean(disabledReason) || busy;
  return (
    <button
      type={off ? 'button' : type}
      className={classes(look, small, className)}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      title={disabledReason ?? title}
      onClick={off ? (event) => event.preventDefault() : onClick}
      {...rest}
    />
  );
}

interface LinkButtonProps extends ComponentProps<typeof Link> {
  look?: Look;
  small?: boolean;
}

/** A link that looks like a button: it goes somewhere, it changes nothing. */
export function LinkButton({ look = 'plain', small = false, className, ...rest }: LinkButtonProps): ReactNode {
  return <Link className={classes(look, small, className)} prefetch={false} {...rest} />;
}
