'use client';

import type { ComponentProps, ReactNode } from 'react';
import { buttonLook, type ButtonLook } from './button-look.ts';

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  look?: ButtonLook;
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
      className={buttonLook(look, { small, extra: className })}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      title={disabledReason ?? title}
      onClick={off ? (event) => event.preventDefault() : onClick}
      {...rest}
    />
  );
}
