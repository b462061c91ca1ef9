// The one path builder: every link inside Waybill comes from here.

type Params = Record<string, string | number | null | undefined>;

/** A path with its query; null, undefined and empty values are left out. */
export function withQuery(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== null && value !== undefined && value !== '') search.set(key, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

const part = (text: string | number) => encodeURIComponent(text);

export const links = {
  overview: () => '/',
  lag: (params?: Params) => withQuery('/lag', params),
  group: (cluster: string, group: string, params?: Params) => withQuery(`/lag/${part(cluster)}/${part(group)}`, params),
  topics: (params?: Params) => withQuery('/topics', params),
  topic: (cluster: string, topic: string, params?: Params) => withQuery(`/topics/${part(cluster)}/${part(topic)}`, params),
  map: (params?: Params) => withQuery('/map', params),
  hygiene: (params?: Params) => withQuery('/hygiene', params),
  finding: (id: string, params?: Params) => withQuery(`/hygiene/${part(id)}`, params),
  journeys: (params?: Params) => withQuery('/journeys', params),
  journey: (id: string, params?: Params) => withQuery(`/journeys/${part(id)}`, params),
  /** The journeys' finder with this text in its box: a correlation id, a trace id or topic:partition@offset. */
  findJourney: (text: string) => withQuery('/journeys', { q: text }),
  /** Beside the usual path, or beside another journey by whatever finds it. */
  compareJourney: (id: string, other?: string) => withQuery(`/journeys/${part(id)}/compare`, { with: other }),
  usualPaths: () => '/journeys/usual-paths',
  usualPath: (entryType: string, params?: Params) => withQuery(`/journeys/usual-paths/${part(entryType)}`, params),
  /** Journeys of an entry type that miss a step of their usual path. */
  missingHop: (entryType: string, step: string, withinSeconds: number | null) => withQuery('/journeys', { type: entryType, missing: step, within: withinSeconds }),
  deadLetters: (params?: Params) => withQuery('/dead-letters', params),
  failure: (id: string, params?: Params) => withQuery('/dead-letters', { failure: id, ...params }),
  deadLetter: (id: string, params?: Params) => withQuery(`/dead-letters/${part(id)}`, params),
  editDeadLetter: (id: string) => `/dead-letters/${part(id)}/edit`,
  replays: (params?: Params) => withQuery('/replays', params),
  replay: (id: string, params?: Params) => withQuery(`/replays/${part(id)}`, params),
  alerts: (params?: Params) => withQuery('/alerts', params),
  rules: (params?: Params) => withQuery('/alerts/rules', params),
  rule: (id: string) => `/alerts/rules/${part(id)}`,
  silences: (params?: Params) => withQuery('/alerts/silences', params),
  webhooks: (params?: Params) => withQuery('/alerts/webhooks', params),
  webhook: (id: string, params?: Params) => withQuery(`/alerts/webhooks/${part(id)}`, params),
  settings: () => '/settings',
  deadLetterTopics: () => '/settings/dead-letters',
  headerMapping: (params?: Params) => withQuery('/settings/dead-letters/mapping', params),
  settingsAccess: () => '/settings/access',
  settingsAudit: (params?: Params) => withQuery('/settings/audit', params),
  signIn: (next?: string) => withQuery('/sign-in', { next }),
};
