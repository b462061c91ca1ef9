import type { ReactNode } from 'react';

interface PlainTableProps {
  label: string;
  heads: readonly string[];
  /** Least width, as a class. */
  className: string;
  /** Its rows. */
  children: ReactNode;
}

/** A small table that is read, not sorted or searched; narrow windows scroll it sideways. */
export function PlainTable({ label, heads, className, children }: PlainTableProps): ReactNode {
  return (
    // Focusable because it scrolls sideways on narrow windows.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section tabIndex={0} aria-label={label} className="panel scroll-x">
      <table className={`w-full text-xs ${className}`}>
        <thead className="text-left text-muted">
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className="h-8 border-b border-line px-2.5 font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
