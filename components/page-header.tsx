import type { ReactNode } from 'react';

interface PageHeaderProps {
  title: ReactNode;
  /** The answer of this screen in one sentence with figures: "42 groups keep up." */
  verdict?: ReactNode;
  /** Chips beside the title. */
  state?: ReactNode;
  actions?: ReactNode;
}

/** Title, verdict sentence and actions at the head of every screen. */
export function PageHeader({ title, verdict, state, actions }: PageHeaderProps): ReactNode {
  return (
    <header className="mb-4 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-80">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">{title}</h1>
          {state}
        </div>
        {verdict ? <p className="mt-1 max-w-3xl text-pretty text-muted">{verdict}</p> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}

/** A titled part of a screen. */
export function Section({ title, aside, children, className }: { title: ReactNode; aside?: ReactNode; children: ReactNode; className?: string }): ReactNode {
  return (
    <section className={`mb-6 ${className ?? ''}`}>
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside ? <div className="text-xs text-muted">{aside}</div> : null}
      </div>
      {children}
    </section>
  );
}

/** Facts as label and value pairs. */
export function Facts({ items }: { items: readonly { label: string; value: ReactNode }[] }): ReactNode {
  return (
    <dl className="grid grid-cols-[minmax(0,max-content)_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      {items.map((item) => (
        <div key={item.label} className="contents">
          <dt className="text-muted">{item.label}</dt>
          <dd className="min-w-0 [overflow-wrap:anywhere]">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
