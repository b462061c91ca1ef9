'use client';

import { useState, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';

/** A secret that will not be shown again, to be copied. */
export function SecretOnce({ secret }: { secret: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-col gap-3">
      <code className="rounded-md border border-line bg-sunken p-3 break-all select-all">{secret}</code>
      <Button
        className="self-start"
        onClick={() => {
          void navigator.clipboard.writeText(secret).then(() => setCopied(true));
        }}
      >
        {copied ? 'Copied' : 'Copy the secret'}
      </Button>
      <p className="text-xs text-muted">
        Messages carry <code>webhook-id</code>, <code>webhook-timestamp</code> and <code>webhook-signature</code>; every Standard Webhooks library verifies them with this secret.
      </p>
    </div>
  );
}
