'use client';

import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '#components/button.tsx';
import { callApi } from '#components/call-api.ts';
import { ProblemState } from '#components/problem-state.tsx';
import { TextField } from '#components/text-field.tsx';

/** Redeems a sign-in link (its secret is in the fragment) or a token. The link is used up by the button only, never by opening the page. */
export function SignIn({ next }: { next: string }): ReactNode {
  const [link, setLink] = useState<string | null>(null);
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    const read = () => setLink(new URLSearchParams(window.location.hash.slice(1)).get('link'));
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await callApi('POST', '/api/v1/sessions', link ? { link } : { token });
      window.location.replace(next);
    } catch (error) {
      setProblem((error as Error).message);
      setLink(null);
      setBusy(false);
      window.history.replaceState(null, '', window.location.pathname + window.location.search);
    }
  };
  return (
    <div className="w-full max-w-sm">
      <h1 className="mb-1 text-xl font-semibold tracking-tight">Waybill</h1>
      <p className="mb-4 text-muted">{link ? 'This link signs you in once, on this browser.' : 'Sign in to see lag, journeys, dead letters, replays and alerts.'}</p>
      {problem ? <ProblemState title="Not signed in">{problem}</ProblemState> : null}
      <form onSubmit={(event) => void submit(event)} className="panel flex flex-col gap-3 p-4">
        {link ? (
          <Button type="submit" look="primary" busy={busy}>
            {busy ? 'Signing in…' : 'Sign in'}
          </Button>
        ) : (
          <>
            <TextField label="Token" type="password" autoComplete="current-password" required value={token} onChange={(event) => setToken(event.target.value)} hint="An API token (wb_…) or the administrator token." />
            <Button type="submit" look="primary" busy={busy} disabledReason={token === '' ? 'Enter a token first' : null}>
              {busy ? 'Signing in…' : 'Sign in with this token'}
            </Button>
          </>
        )}
      </form>
      {link ? null : <p className="mt-3 text-xs text-muted">Each start of Waybill prints a sign-in link that works once within 10 minutes. Open it in this browser to sign in without a token.</p>}
    </div>
  );
}
