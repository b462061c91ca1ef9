// Numbers, times and durations as words: the one way, everywhere. `null` and `undefined` are "unknown", never 0.

export const UNKNOWN = 'unknown';

type Figure = number | bigint | string | null | undefined;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 1204 → "1,204". Decimal strings of the API keep every digit. */
export function formatCount(value: Figure): string {
  if (value === null || value === undefined || value === '' || (typeof value === 'number' && !Number.isFinite(value))) return UNKNOWN;
  if (typeof value === 'number') return group(Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1));
  return group(String(value));
}

/** 12400 → "12.4k": for axes and labels of charts only, the exact figure goes on hover. */
export function formatCompact(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  for (const [unit, suffix] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) {
    if (size >= unit * 0.99995) return `${trim((value / unit).toFixed(size / unit >= 100 ? 0 : 1))}${suffix}`;
  }
  return Number.isInteger(value) ? String(value) : trim(value.toFixed(1));
}

/** Milliseconds in at most two units: "850 ms", "3.2 s", "4 min 10 s", "2 h 5 min", "3 d". */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size < 1) return size === 0 ? '0 s' : `${sign}${trim(size.toPrecision(2))} ms`;
  if (size < 999.5) return `${sign}${Math.round(size)} ms`;
  if (size < 9_950) return `${sign}${trim((size / SECOND).toFixed(1))} s`;
  if (size < 59_500) return `${sign}${Math.round(size / SECOND)} s`;
  if (size < HOUR - 500) return sign + pair(Math.round(size / SECOND), 60, 'min', 's');
  if (size < DAY - 30_000) return sign + pair(Math.round(size / MINUTE), 60, 'h', 'min');
  if (size < 7 * DAY) return sign + pair(Math.round(size / HOUR), 24, 'd', 'h');
  return `${sign}${group(String(Math.round(size / DAY)))} d`;
}

/** How long ago, in one unit, rounded down: "4 s", "3 min", "2 h", "5 d". Figures carry their age with it. */
export function formatAge(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  if (ms < 1_000) return 'now';
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${group(String(Math.floor(ms / DAY)))} d`;
}

/** "4 min ago", "now", "in 3 min". */
export function formatAgo(at: Date | string | number, now: Date | number): string {
  const ms = Number(now) - new Date(at).getTime();
  if (!Number.isFinite(ms)) return UNKNOWN;
  if (Math.abs(ms) < 1_000) return 'now';
  return ms < 0 ? `in ${formatAge(-ms)}` : `${formatAge(ms)} ago`;
}

/** Per second with two significant digits: "0.034/s", "2.4/s", "8,200/s". */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return UNKNOWN;
  if (perSecond === 0) return '0/s';
  const rounded = Number(perSecond.toPrecision(2));
  return `${group(Math.abs(rounded) >= 1e-6 ? trim(rounded.toFixed(Math.max(0, 1 - Math.floor(Math.log10(Math.abs(rounded)))))) : String(rounded))}/s`;
}

/** Decimal units: "512 B", "1.2 kB", "38 MB". */
export function formatBytes(bytes: Figure): string {
  if (bytes === null || bytes === undefined || bytes === '') return UNKNOWN;
  const value = Number(bytes);
  if (!Number.isFinite(value)) return UNKNOWN;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = Math.abs(value);
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  const text = unit === 0 || size >= 9.95 ? String(Math.round(size)) : trim(size.toFixed(1));
  return `${value < 0 ? '-' : ''}${text} ${units[unit]}`;
}

/** 0.991 → "99.1 %". */
export function formatPercent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return UNKNOWN;
  const percent = share * 100;
  // 100 % and 0 % are promises: what merely rounds there stays a step away.
  if (percent > 99.9 && percent < 100) return '99.9 %';
  if (percent > 0 && percent < 0.1) return '0.1 %';
  return `${trim(percent.toFixed(1))} %`;
}

/** Local date and time to the second: "21 Nov 2026, 08:26:31". Pass a zone to say it for another place. */
export function formatTime(at: Date | string | number | null | undefined, timeZone?: string): string {
  const date = at === null || at === undefined ? null : new Date(at);
  if (!date || Number.isNaN(date.getTime())) return UNKNOWN;
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', ...(timeZone ? { timeZone } : {}) }).format(date);
}

/** The exact moment with its zone, for hover: "21 Nov 2026, 08:26:31.123 UTC". */
export function formatExactTime(at: Date | string | number, timeZone?: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return UNKNOWN;
  const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short', ...(timeZone ? { timeZone } : {}) }).formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? '';
  return `${formatTime(date, timeZone)}.${String(date.getMilliseconds()).padStart(3, '0')} ${zone}`.trim();
}

/** "1 group", "42 groups"; the plural is given where it is not an s. */
export function formatNoun(count: number | bigint, singular: string, plural: string = `${singular}s`): string {
  return `${formatCount(count)} ${Number(count) === 1 ? singular : plural}`;
}

function group(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function trim(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function pair(amount: number, per: number, large: string, small: string): string {
  const whole = Math.floor(amount / per);
  const rest = amount % per;
  return rest === 0 ? `${whole} ${large}` : `${whole} ${large} ${rest} ${small}`;
}
