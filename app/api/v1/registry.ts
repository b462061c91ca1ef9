import type { RouteHandler } from '../route.ts';
import * as root from '../route.ts';
import * as health from '../health/route.ts';
import * as ready from '../ready/route.ts';
import * as metrics from '../../metrics/route.ts';
import * as alertRules from './alert-rules/route.ts';
import * as alertRule from './alert-rules/[id]/route.ts';
import * as alerts from './alerts/route.ts';
import * as archives from './archives/route.ts';
import * as archive from './archives/[id]/route.ts';
import * as audit from './audit/route.ts';
import * as clusters from './clusters/route.ts';
import * as clusterGroups from './clusters/[cluster]/groups/route.ts';
import * as clusterGroup from './clusters/[cluster]/groups/[group]/route.ts';
import * as clusterGroupOffsets from './clusters/[cluster]/groups/[group]/offsets/route.ts';
import * as clusterGroupHeat from './clusters/[cluster]/groups/[group]/heat/route.ts';
import * as clusterGroupHistory from './clusters/[cluster]/groups/[group]/history/route.ts';
import * as clusterLagTrends from './clusters/[cluster]/lag-trends/route.ts';
import * as clusterThroughput from './clusters/[cluster]/throughput/route.ts';
import * as clusterTopics from './clusters/[cluster]/topics/route.ts';
import * as clusterTopic from './clusters/[cluster]/topics/[topic]/route.ts';
import * as topicMessages from './clusters/[cluster]/topics/[topic]/messages/route.ts';
import * as topicMessage from './clusters/[cluster]/topics/[topic]/messages/[partition]/[offset]/route.ts';
import * as topicMessageValue from './clusters/[cluster]/topics/[topic]/messages/[partition]/[offset]/value/route.ts';
import * as deadLetters from './dead-letters/route.ts';
import * as deadLetterExport from './dead-letters/export/route.ts';
import * as deadLetterTopics from './dead-letters/topics/route.ts';
import * as mappingPreview from './dead-letters/mapping-preview/route.ts';
import * as valueSearch from './dead-letters/value-search/route.ts';
import * as deadLetter from './dead-letters/[id]/route.ts';
import * as deadLetterOrigin from './dead-letters/[id]/origin/route.ts';
import * as deadLetterEditAndReplay from './dead-letters/[id]/edit-and-replay/route.ts';
import * as deadLetterEditable from './dead-letters/[id]/editable/route.ts';
import * as deadLetterValue from './dead-letters/[id]/value/route.ts';
import * as deliveries from './deliveries/route.ts';
import * as delivery from './deliveries/[id]/route.ts';
import * as redeliver from './deliveries/[id]/redeliver/route.ts';
import * as events from './events/route.ts';
import * as expectedPaths from './expected-paths/route.ts';
import * as expectedPath from './expected-paths/[entryType]/route.ts';
import * as failures from './failures/route.ts';
import * as failure from './failures/[id]/route.ts';
import * as failureReplayRule from './failures/[id]/replay-rule/route.ts';
import * as map from './map/route.ts';
import * as markers from './markers/route.ts';
import * as hygiene from './hygiene/route.ts';
import * as finding from './hygiene/[id]/route.ts';
import * as findingMute from './hygiene/[id]/mute/route.ts';
import * as findingUnmute from './hygiene/[id]/unmute/route.ts';
import * as openapi from './openapi.json/route.ts';
import * as replayRules from './replay-rules/route.ts';
import * as replays from './replays/route.ts';
import * as replay from './replays/[id]/route.ts';
import * as replayApprove from './replays/[id]/approve/route.ts';
import * as replayCancel from './replays/[id]/cancel/route.ts';
import * as replayDecline from './replays/[id]/decline/route.ts';
import * as replayEdit from './replays/[id]/edit/route.ts';
import * as replayItems from './replays/[id]/items/route.ts';
import * as replayPause from './replays/[id]/pause/route.ts';
import * as replayResume from './replays/[id]/resume/route.ts';
import * as replaySelection from './replays/[id]/selection/route.ts';
import * as replaySummary from './replays/[id]/summary/route.ts';
import * as journeys from './journeys/route.ts';
import * as journey from './journeys/[id]/route.ts';
import * as journeyCompare from './journeys/[id]/compare/route.ts';
import * as span from './spans/[traceId]/[spanId]/route.ts';
import * as savedFilters from './saved-filters/route.ts';
import * as savedFilter from './saved-filters/[id]/route.ts';
import * as search from './search/route.ts';
import * as sessions from './sessions/route.ts';
import * as currentSession from './sessions/current/route.ts';
import * as session from './sessions/[session]/route.ts';
import * as silences from './silences/route.ts';
import * as silence from './silences/[id]/route.ts';
import * as tokens from './tokens/route.ts';
import * as token from './tokens/[token]/route.ts';
import * as webhookEndpoints from './webhook-endpoints/route.ts';
import * as webhookEndpoint from './webhook-endpoints/[id]/route.ts';
import * as rotateSecret from './webhook-endpoints/[id]/rotate-secret/route.ts';
import * as testEndpoint from './webhook-endpoints/[id]/test/route.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type RouteModule = Partial<Record<Method, RouteHandler>>;

/**
 * Every route of the web API: path as in OpenAPI, and its module. openapi.json and the role matrix of the tests come from it, and a test
 * compares it with the files under app/. Add a line for each route.ts, in the order of the paths.
 */
export const registry: Readonly<Record<string, RouteModule>> = {
  '/api': { GET: root.GET },
  '/api/health': health,
  '/api/ready': ready,
  '/api/v1/alert-rules': alertRules,
  '/api/v1/alert-rules/{id}': alertRule,
  '/api/v1/alerts': alerts,
  '/api/v1/archives': archives,
  '/api/v1/archives/{id}': archive,
  '/api/v1/audit': audit,
  '/api/v1/clusters': clusters,
  '/api/v1/clusters/{cluster}/groups': clusterGroups,
  '/api/v1/clusters/{cluster}/groups/{group}': clusterGroup,
  '/api/v1/clusters/{cluster}/groups/{group}/heat': clusterGroupHeat,
  '/api/v1/clusters/{cluster}/groups/{group}/history': clusterGroupHistory,
  '/api/v1/clusters/{cluster}/groups/{group}/offsets': clusterGroupOffsets,
  '/api/v1/clusters/{cluster}/lag-trends': clusterLagTrends,
  '/api/v1/clusters/{cluster}/throughput': clusterThroughput,
  '/api/v1/clusters/{cluster}/topics': clusterTopics,
  '/api/v1/clusters/{cluster}/topics/{topic}': clusterTopic,
  '/api/v1/clusters/{cluster}/topics/{topic}/messages': topicMessages,
  '/api/v1/clusters/{cluster}/topics/{topic}/messages/{partition}/{offset}': topicMessage,
  '/api/v1/clusters/{cluster}/topics/{topic}/messages/{partition}/{offset}/value': topicMessageValue,
  '/api/v1/dead-letters': deadLetters,
  '/api/v1/dead-letters/export': { GET: deadLetterExport.GET },
  '/api/v1/dead-letters/mapping-preview': mappingPreview,
  '/api/v1/dead-letters/topics': deadLetterTopics,
  '/api/v1/dead-letters/value-search': valueSearch,
  '/api/v1/dead-letters/{id}': deadLetter,
  '/api/v1/dead-letters/{id}/origin': deadLetterOrigin,
  '/api/v1/dead-letters/{id}/edit-and-replay': deadLetterEditAndReplay,
  '/api/v1/dead-letters/{id}/editable': deadLetterEditable,
  '/api/v1/dead-letters/{id}/value': deadLetterValue,
  '/api/v1/deliveries': deliveries,
  '/api/v1/deliveries/{id}': delivery,
  '/api/v1/deliveries/{id}/redeliver': redeliver,
  '/api/v1/events': { GET: events.GET },
  '/api/v1/hygiene': hygiene,
  '/api/v1/hygiene/{id}': finding,
  '/api/v1/hygiene/{id}/mute': findingMute,
  '/api/v1/hygiene/{id}/unmute': findingUnmute,
  '/api/v1/map': map,
  '/api/v1/markers': markers,
  '/api/v1/openapi.json': openapi,
  '/api/v1/expected-paths': expectedPaths,
  '/api/v1/expected-paths/{entryType}': expectedPath,
  '/api/v1/failures': failures,
  '/api/v1/failures/{id}': failure,
  '/api/v1/failures/{id}/replay-rule': failureReplayRule,
  '/api/v1/replay-rules': replayRules,
  '/api/v1/replays': replays,
  '/api/v1/replays/{id}': replay,
  '/api/v1/replays/{id}/approve': replayApprove,
  '/api/v1/replays/{id}/cancel': replayCancel,
  '/api/v1/replays/{id}/decline': replayDecline,
  '/api/v1/replays/{id}/edit': replayEdit,
  '/api/v1/replays/{id}/items': replayItems,
  '/api/v1/replays/{id}/pause': replayPause,
  '/api/v1/replays/{id}/resume': replayResume,
  '/api/v1/replays/{id}/selection': replaySelection,
  '/api/v1/replays/{id}/summary': replaySummary,
  '/api/v1/journeys': journeys,
  '/api/v1/journeys/{id}': journey,
  '/api/v1/journeys/{id}/compare': journeyCompare,
  '/api/v1/spans/{traceId}/{spanId}': span,
  '/api/v1/saved-filters': savedFilters,
  '/api/v1/saved-filters/{id}': savedFilter,
  '/api/v1/search': search,
  '/api/v1/sessions': sessions,
  '/api/v1/sessions/current': currentSession,
  '/api/v1/sessions/{session}': session,
  '/api/v1/silences': silences,
  '/api/v1/silences/{id}': silence,
  '/api/v1/tokens': tokens,
  '/api/v1/tokens/{token}': token,
  '/api/v1/webhook-endpoints': webhookEndpoints,
  '/api/v1/webhook-endpoints/{id}': webhookEndpoint,
  '/api/v1/webhook-endpoints/{id}/rotate-secret': rotateSecret,
  '/api/v1/webhook-endpoints/{id}/test': testEndpoint,
  '/metrics': metrics,
};
