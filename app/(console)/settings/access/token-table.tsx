'use client';

import { useMemo, type ReactNode } from 'react';
import { DataTable, type TableColumn } from '#components/data-table.tsx';
import { EmptyState } from '#components/empty-state.tsx';
import { RelativeTime } from '#components/relative-time.tsx';
import { StateChip } from '#components/state-chip.tsx';
import type { TokenItem } from '#lib/operations/list-tokens.ts';
import { EndButton } from './end-button.tsx';

/** API tokens: whose, which role, last used, until when. */
export function TokenTable({ tokens, now }: { tokens: TokenItem[]; now: string }): ReactNode {
  const columns = useMemo<TableColumn<TokenItem>[]>(
    () => [
      { id: 'name', header: 'Name', primary: true, value: (token) => token.name, cell: (token) => token.name },
      { id: 'state', header: 'State', width: 100, value: (token) => stateOf(token, now), cell: (token) => <StateChip state={stateOf(token, now)} {...(stateOf(token, now) === 'ok' ? { label: 'works' } : stateOf(token, now) === 'ended' ? { label: 'revoked' } : {})} /> },
      { id: 'role', header: 'Role', width: 120, value: (token) => token.role, cell: (token) => token.role },
      { id: 'lastUsed', header: 'Last used', width: 170, value: (token) => token.lastUsedAt, cell: (token) => <RelativeTime at={token.lastUsedAt} none="never" /> },
      { id: 'expires', header: 'Expires', width: 170, hideBelow: 'md', value: (token) => token.expiresAt, cell: (token) => <RelativeTime at={token.expiresAt} as="clock" none="never" /> },
      { id: 'created', header: 'Made', width: 170, hideBelow: 'lg', value: (token) => token.createdAt, cell: (token) => <RelativeTime at={token.createdAt} /> },
      { id: 'createdBy', header: 'By', width: 150, hideBelow: 'lg', value: (token) => token.createdBy, cell: (token) => token.createdBy },
      {
        id: 'end',
        header: 'Revoke',
        width: 90,
        cell: (token) =>
          token.revokedAt ? (
            '-'
          ) : (
            <EndButton label="Revoke" title={`Revoke the token ${token.name}`} effect="Requests with it are refused from the next one on. This can't be undone; a new token would be another one." confirm="Revoke this token" path={`/api/v1/tokens/${token.id}`} />
          ),
      },
    ],
    [now],
  );
  return (
    <DataTable
      label="API tokens"
      rows={tokens}
      rowKey={(token) => token.id}
      columns={columns}
      sortParam="tokens"
      empty={
        <EmptyState title="No API token yet">
          Scripts and pipelines use one instead of a session: <code>curl -H &quot;Authorization: Bearer wb_…&quot;</code>. Its role bounds what they can do.
        </EmptyState>
      }
    />
  );
}

function stateOf(token: TokenItem, now: string): string {
  if (token.revokedAt) return 'ended';
  return token.expiresAt && token.expiresAt <= now ? 'expired' : 'ok';
}
