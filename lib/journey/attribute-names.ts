/** The journey key's attributes in order of preference; an earlier one wins. Configurable (config `journeyKeys`). */
export const defaultJourneyKeys: readonly string[] = [
  'messaging.message.conversation_id',
  'messaging.conversation_id',
  'correlation.id',
  'correlation_id',
  'correlationId',
  'messaging.header.x_correlation_id',
  'messaging.header.correlation_id',
  'messaging.header.correlation-id',
  'messaging.header.x-correlation-id',
  'x-correlation-id',
  'http.request.header.x-correlation-id',
  'http.request.header.x_correlation_id',
  'cloudevents.correlationid',
  'correlationid',
  'nservicebus.conversation_id',
  'NServiceBus.ConversationId',
  'messaging.masstransit.conversation_id',
];

/**
 * What names the event itself, so that others can name it as their cause. CloudEvents: OpenTelemetry's `cloudevents.event_id`. NServiceBus: its
 * ActivityTags. MassTransit: an InitiatorId holds the CorrelationId of the message that was being handled (MessageContext), so that one goes before
 * the MessageId. `messaging.message.id` comes last and only where it is no coordinate (confluent-kafka writes `topic.partition.offset` there).
 */
export const defaultEventIdKeys: readonly string[] = [
  'cloudevents.event_id',
  'nservicebus.message_id',
  'NServiceBus.MessageId',
  'messaging.masstransit.correlation_id',
  'messaging.masstransit.message_id',
  'event.id',
  'event_id',
  'eventId',
  'messaging.header.ce_id',
  'messaging.header.ce-id',
  'messaging.header.event_id',
  'messaging.header.event-id',
  'messaging.message.id',
  'messaging.message_id',
];

/** What names the event that caused this one: the CloudEvents extension `causationid`, NServiceBus' RelatedTo, MassTransit's InitiatorId, and home-made names. */
export const defaultCausationKeys: readonly string[] = [
  'cloudevents.causationid',
  'causationid',
  'nservicebus.related_to',
  'NServiceBus.RelatedTo',
  'messaging.masstransit.initiator_id',
  'causation.id',
  'causation_id',
  'causationId',
  'messaging.header.ce_causationid',
  'messaging.header.ce-causationid',
  'messaging.header.causation_id',
  'messaging.header.causation-id',
  'messaging.header.x_causation_id',
  'messaging.header.x-causation-id',
];

/** Which attributes name the business event, the event itself, and its cause; null stands for the built-in order. */
export interface AttributeLists {
  journeyKeys: readonly string[] | null;
  eventIdKeys: readonly string[] | null;
  causationKeys: readonly string[] | null;
}

/** Ranks of one attribute: what it may name, and how good a name it is. */
export interface AttributeUse {
  journey?: number;
  eventId?: number;
  causationId?: number;
}

/** Attribute names to what they are used for, once per configuration: each attribute of each span is looked up in it. */
export function rankAttributes(lists: AttributeLists): ReadonlyMap<string, AttributeUse> {
  const uses = new Map<string, AttributeUse>();
  const add = (use: keyof AttributeUse, names: readonly string[]) => {
    names.forEach((name, place) => {
      const known = uses.get(name) ?? {};
      known[use] ??= place;
      uses.set(name, known);
    });
  };
  add('journey', lists.journeyKeys ?? defaultJourneyKeys);
  add('eventId', lists.eventIdKeys ?? defaultEventIdKeys);
  add('causationId', lists.causationKeys ?? defaultCausationKeys);
  return uses;
}
