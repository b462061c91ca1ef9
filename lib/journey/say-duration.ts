/** Two units at most, as on the screens. */
export function sayDuration(forMs: number): string {
  if (forMs < 1_000) return `${Math.max(0, Math.round(forMs))} ms`;
  const seconds = Math.floor(forMs / 1_000);
  if (seconds < 10) return `${(forMs / 1_000).toFixed(1)} s`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}
