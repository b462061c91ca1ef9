'use client';

import { ChevronDown, ChevronUp } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { LinkButton } from '#components/link-button.tsx';

interface WalkProps {
  /** Newer in the list; null at its start. */
  previous: string | null;
  /** Older in the list; null at its end. */
  next: string | null;
}

/** K and J, and buttons for them: the neighbours in the list one came from. */
export function Walk({ previous, next }: WalkProps): ReactNode {
  const router = useRouter();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if ((event.target as HTMLElement).closest('input,textarea,select,[contenteditable="true"],[role="dialog"],[role="menu"]')) return;
      const to = event.key === 'j' ? next : event.key === 'k' ? previous : null;
      if (to !== null) {
        event.preventDefault();
        router.push(to);
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [router, previous, next]);
  return (
    <div className="flex gap-1">
      {previous === null ? (
        <Button look="quiet" aria-label="Newer dead letter" disabledReason="This is the newest of the list.">
          <ChevronUp aria-hidden size={16} />
        </Button>
      ) : (
        <LinkButton look="quiet" href={previous} aria-label="Newer dead letter" title="Newer (K)">
          <ChevronUp aria-hidden size={16} />
        </LinkButton>
      )}
      {next === null ? (
        <Button look="quiet" aria-label="Older dead letter" disabledReason="This is the oldest of the list.">
          <ChevronDown aria-hidden size={16} />
        </Button>
      ) : (
        <LinkButton look="quiet" href={next} aria-label="Older dead letter" title="Older (J)">
          <ChevronDown aria-hidden size={16} />
        </LinkButton>
      )}
    </div>
  );
}
