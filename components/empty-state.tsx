import type { ReactNode } from 'react';

interface EmptyStateProps {
  /** What will appear here: "No dead letters yet." */
  title: ReactNode;
  /** Where it comes from, and the command or setting that makes it appear. */
  children?: ReactNode;
  actions?: ReactNode;
}

/** An empty screen or list: what will appear here and what makes it appear. */
export function EmptyState({ title, children, actions }: EmptyStateProps): ReactNode {
  return (
    <div className="panel flex flex-col items-start gap-2 border-dashed px-6 py-8">
      <p className="font-medium">{title}</p>
      {children ? <div className="max-w-2xl text-muted">{children}</div> : null}
      {actions ? <div className="mt-2 flex flex-wrap gap-2">{actions}</div> : null}
    </div>
  );
}
