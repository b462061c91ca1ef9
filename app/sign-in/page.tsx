import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { SignIn } from './sign-in.tsx';

export const metadata: Metadata = { title: 'Sign in', referrer: 'no-referrer' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<Record<string, string | string[] | undefined>> }): Promise<ReactNode> {
  const { next } = await searchParams;
  // Only a path of Waybill's own: "//host" and "/\host" would lead away.
  const target = typeof next === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(next) ? next : '/';
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <SignIn next={target} />
    </main>
  );
}
