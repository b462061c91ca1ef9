import type { ReactNode } from 'react';

/** The shape of a screen while its first figures are read. */
export default function Loading(): ReactNode {
  return (
    <div aria-busy className="animate-pulse">
      <p className="sr-only">Reading the figures</p>
      <div className="mb-3 h-7 w-48 rounded-sm bg-sunken" />
      <div className="mb-6 h-4 w-full max-w-md rounded-sm bg-sunken" />
      <div className="panel h-64 bg-sunken" />
    </div>
  );
}
