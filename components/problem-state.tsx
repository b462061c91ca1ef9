import { OctagonAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

interface ProblemStateProps {
  /** What happened. */
  title: ReactNode;
  /** What it means for the reader, and what to do. */
  children?: ReactNode;
  /** "warning": the screen still works, but less (partial, stale). */
  severity?: 'error' | 'warning';
  actions?: ReactNode;
  /** Small at the end: the id under which the log has the cause. */
  id?: string | null | undefined;
}

/** A failure in the page: what happened, what it means, what to do. Also for partial and stale figures and a broker that is down. */
export function ProblemState({ title, children, severity = 'error', actions, id }: ProblemStateProps): ReactNode {
  const error = severity === 'error';
  const Icon = error ? OctagonAlert : TriangleAlert;
  return (
    <div role={error ? 'alert' : 'status'} className={`mb-4 flex gap-3 rounded-md border px-4 py-3 ${error ? 'border-bad/40 bg-bad-soft' : 'border-behind/50 bg-behind-soft'}`}>
      <Icon aria-hidden size={16} className={`mt-0.5 shrink-0 ${error ? 'text-bad-ink' : 'text-behind-ink'}`} />
      <div className="min-w-0 flex-1">
        <p className={`font-medium ${error ? 'text-bad-ink' : 'text-behind-ink'}`}>{title}</p>
        {children ? <div className="mt-0.5 [overflow-wrap:anywhere]">{children}</div> : null}
        {actions ? <div className="mt-2 flex flex-wrap gap-2">{actions}</div> : null}
        {id ? <p className="mt-1 text-xs text-muted">id {id}</p> : null}
      </div>
    </div>
  );
}
