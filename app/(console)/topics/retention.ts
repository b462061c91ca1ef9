import { formatBytes, formatDuration } from '#components/format.ts';

/** How long records stay: "7 d", "7 d or 1 GB a partition", "for ever", "latest per key". */
export function retentionText({ cleanupPolicy, retentionMs, retentionBytes }: { cleanupPolicy: string | null; retentionMs: string | null; retentionBytes: string | null }): string | null {
  if (cleanupPolicy === null) return null;
  const compacted = cleanupPolicy.includes('compact');
  if (!cleanupPolicy.includes('delete')) return 'latest per key';
  const limits = [retentionMs === null || retentionMs.startsWith('-') ? null : formatDuration(Number(retentionMs)), retentionBytes === null || retentionBytes.startsWith('-') ? null : `${formatBytes(retentionBytes)} a partition`].filter((part) => part !== null);
  const time = limits.length === 0 ? 'for ever' : limits.join(' or ');
  return compacted ? `${time}, latest per key` : time;
}
