'use client';

import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { buttonLook, type ButtonLook } from './button-look.ts';

interface LinkButtonProps extends ComponentProps<typeof Link> {
  look?: ButtonLook;
  small?: boolean;
}

/** A link that looks like a button: it goes somewhere, it changes nothing. */
export function LinkButton({ look = 'plain', small = false, className, ...rest }: LinkButtonProps): ReactNode {
  return <Link className={buttonLook(look, { small, extra: className })} prefetch={false} {...rest} />;
}
