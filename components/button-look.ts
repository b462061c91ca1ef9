export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger';

const LOOKS: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent border-transparent hover:bg-accent-hover font-medium',
  plain: 'bg-surface text-ink border-line hover:bg-hover hover:border-line-strong',
  quiet: 'bg-transparent text-muted border-transparent hover:bg-hover hover:text-ink',
  danger: 'bg-surface text-bad-ink border-line hover:bg-bad-soft hover:border-bad font-medium',
};

/** Classes of what looks like a button: buttons, links, and the links of pages that bring no script of their own. */
export function buttonLook(look: ButtonLook = 'plain', { small = false, extra = '' }: { small?: boolean; extra?: string | undefined } = {}): string {
  return `inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border whitespace-nowrap transition-colors aria-disabled:cursor-not-allowed aria-disabled:opacity-60 ${small ? 'h-7 px-2 text-xs' : 'h-8 px-3'} ${LOOKS[look]} ${extra}`;
}
