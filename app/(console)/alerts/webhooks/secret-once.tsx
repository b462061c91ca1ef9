import type { ReactNode } from 'react';
import { CopyText } from '#components/copy-text.tsx';

/** A secret that will not be shown again, to be copied. */
export function SecretOnce({ secret }: { secret: string }): ReactNode {
  return (
    <div className="flex flex-col gap-3">
      <CopyText text={secret} label="The secret" action="Copy the secret" />
      <p className="text-xs text-muted">
        Messages carry <code>webhook-id</code>, <code>webhook-timestamp</code> and <code>webhook-signature</code>; every Standard Webhooks library verifies them with this secret.
      </p>
    </div>
  );
}
