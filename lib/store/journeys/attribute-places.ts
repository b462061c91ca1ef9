/**
 * Attribute names that instrumentations repeat in every span, each stored as its place in this list. Names are only ever
 * added at the end: stored spans refer to the places.
 */
const names: readonly string[] = [
  'messaging.system', 'messaging.destination.name', 'messaging.operation.type', 'messaging.operation.name', 'messaging.operation', 'messaging.destination.partition.id',
  'messaging.kafka.message.key', 'messaging.kafka.offset', 'messaging.kafka.message.offset', 'messaging.kafka.cluster.id', 'messaging.kafka.consumer.group', 'messaging.consumer.group.name',
  'messaging.client.id', 'messaging.client_id', 'messaging.message.id', 'messaging.message.body.size', 'messaging.message.conversation_id', 'messaging.destination', 'messaging.destination_kind',
  'messaging.kafka.partition', 'messaging.batch.message_count', 'messaging.header.correlation_id', 'correlation_id', 'correlation.id', 'error.type', 'exception.type', 'exception.message',
  'exception.stacktrace', 'http.request.method', 'http.response.status_code', 'http.route', 'url.path', 'url.full', 'url.scheme', 'url.query', 'server.address', 'server.port', 'client.address',
  'network.peer.address', 'network.peer.port', 'network.protocol.version', 'user_agent.original', 'thread.id', 'thread.name', 'http.request.header.x-correlation-id', 'kafka.record.queue_time_ms',
  'http.method', 'http.url', 'http.status_code', 'http.target', 'http.host', 'http.scheme', 'http.user_agent', 'net.peer.name', 'net.peer.port', 'net.host.name', 'net.host.port', 'peer.service',
  'db.system', 'db.system.name', 'db.statement', 'db.query.text', 'db.operation.name', 'db.collection.name', 'db.namespace', 'rpc.system', 'rpc.service', 'rpc.method', 'code.function.name',
  'messaging.conversation_id', 'correlationId', 'messaging.header.x_correlation_id', 'messaging.header.correlation-id', 'messaging.header.x-correlation-id', 'x-correlation-id',
  'http.request.header.x_correlation_id', 'cloudevents.correlationid', 'correlationid', 'nservicebus.conversation_id', 'NServiceBus.ConversationId', 'messaging.masstransit.conversation_id',
];
const places = new Map(names.map((name, place) => [name, place]));

export function placeOf(name: string): number | undefined {
  return places.get(name);
}

export function nameAt(place: number): string {
  return names[place] ?? `attribute ${place}`;
}

/** A name for a column: its place as `#3`, or itself. A name that begins with `#` gets another one. */
export function shortName(name: string): string {
  const place = places.get(name);
  if (place !== undefined) return `#${place}`;
  return name.startsWith('#') ? `#${name}` : name;
}

/** The reverse of shortName; also of names that were stored as they are. */
export function longName(short: string): string {
  if (!short.startsWith('#')) return short;
  return /^#\d+$/.test(short) ? nameAt(Number(short.slice(1))) : short.slice(1);
}
