import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { buttonLook } from '#components/button-look.ts';

export const metadata: Metadata = { title: 'Not found' };

export default function NotFound(): ReactNode {
  return (
    <div className="max-w-xl py-8">
      <h1 className="mb-2 text-xl font-semibold tracking-tight">There is nothing at this address</h1>
      <p className="mb-4 text-muted">The group, topic or record may have been deleted, may have passed its retention, or the link is incomplete.</p>
      {/* A plain link: this page is part of every screen's bundle, and should weigh nothing there. */}
      {/* oxlint-disable-next-line nextjs/no-html-link-for-pages */}
      <a href="/" className={buttonLook()}>
        Back to the overview
      </a>
    </div>
  );
}
