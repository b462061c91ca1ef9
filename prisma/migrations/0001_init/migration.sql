-- CreateTable
CREATE TABLE "cluster" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "kafka_cluster_id" TEXT NOT NULL,
    "brokers" JSONB NOT NULL DEFAULT '[]',
    "controller_id" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'unknown',
    "last_error" TEXT,
    "down_since" TIMESTAMPTZ(3),
    "last_cycle_at" TIMESTAMPTZ(3),
    "last_cycle" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "topic" (
    "id" SERIAL NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "kafka_topic_id" TEXT NOT NULL,
    "partition_count" INTEGER NOT NULL,
    "replication_factor" INTEGER,
    "internal" BOOLEAN NOT NULL DEFAULT false,
    "role" TEXT,
    "role_source" TEXT,
    "config" JSONB,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "topic_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consumer_group" (
    "id" SERIAL NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL DEFAULT 'unknown',
    "state" TEXT NOT NULL DEFAULT 'unknown',
    "protocol" TEXT,
    "coordinator" INTEGER,
    "members" JSONB NOT NULL DEFAULT '[]',
    "members_at" TIMESTAMPTZ(3),
    "status" TEXT NOT NULL DEFAULT 'unknown',
    "status_since" TIMESTAMPTZ(3),
    "status_facts" JSONB,
    "failed_since" TIMESTAMPTZ(3),
    "last_good_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "consumer_group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "topic_partition_offset" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "leader" INTEGER,
    "high_watermark" BIGINT,
    "last_stable_offset" BIGINT,
    "log_start_offset" BIGINT,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "failed_since" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "topic_partition_offset_pkey" PRIMARY KEY ("topic_id","partition")
);

-- CreateTable
CREATE TABLE "group_partition_offset" (
    "group_id" INTEGER NOT NULL,
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "committed_offset" BIGINT,
    "committed_at" TIMESTAMPTZ(3),
    "previous_offset" BIGINT,
    "oldest_at" TIMESTAMPTZ(3),
    "oldest_quality" TEXT,
    "commit_gap_ms" INTEGER,
    "rewound_at" TIMESTAMPTZ(3),
    "status" TEXT NOT NULL DEFAULT 'unknown',
    "status_since" TIMESTAMPTZ(3),
    "failed_since" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "group_partition_offset_pkey" PRIMARY KEY ("group_id","topic_id","partition")
);

-- CreateTable
CREATE TABLE "topic_offset_sample" (
    "topic_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "packed" BYTEA NOT NULL,

    CONSTRAINT "topic_offset_sample_pkey" PRIMARY KEY ("topic_id","at")
) PARTITION BY RANGE ("at");

-- CreateTable
CREATE TABLE "group_commit_sample" (
    "group_id" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "packed" BYTEA NOT NULL,

    CONSTRAINT "group_commit_sample_pkey" PRIMARY KEY ("group_id","at")
) PARTITION BY RANGE ("at");

-- CreateTable
CREATE TABLE "group_lag_minute" (
    "group_id" INTEGER NOT NULL,
    "minute" TIMESTAMPTZ(0) NOT NULL,
    "lag_max" BIGINT,
    "lag_last" BIGINT,
    "lag_seconds_max" DOUBLE PRECISION,
    "lag_seconds_last" DOUBLE PRECISION,
    "lag_seconds_quality" TEXT,
    "produced_per_second" DOUBLE PRECISION,
    "consumed_per_second" DOUBLE PRECISION,
    "status" TEXT NOT NULL,
    "unknown_partitions" INTEGER NOT NULL DEFAULT 0,
    "member_count" INTEGER,

    CONSTRAINT "group_lag_minute_pkey" PRIMARY KEY ("group_id","minute")
) PARTITION BY RANGE ("minute");

-- CreateTable
CREATE TABLE "dead_letter_position" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "next_offset" BIGINT NOT NULL,
    "end_offset" BIGINT,
    "last_read_at" TIMESTAMPTZ(3) NOT NULL,
    "last_error" TEXT,
    "failing_at" TIMESTAMPTZ(3),

    CONSTRAINT "dead_letter_position_pkey" PRIMARY KEY ("topic_id","partition")
);

-- CreateTable
CREATE TABLE "dead_letter" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "timestamp" TIMESTAMPTZ(3),
    "ingested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dialect" TEXT,
    "state" TEXT NOT NULL DEFAULT 'new',
    "state_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "origin_topic" TEXT,
    "origin_partition" INTEGER,
    "origin_offset" BIGINT,
    "origin_timestamp" TIMESTAMPTZ(3),
    "origin_group" TEXT,
    "error_class" TEXT,
    "root_class" TEXT,
    "error_message" TEXT,
    "error_stack" TEXT,
    "attempts" INTEGER,
    "correlation_id" TEXT,
    "trace_id" BYTEA,
    "failure_id" TEXT,
    "replay_ref" TEXT,
    "key_bytes" INTEGER,
    "value_bytes" INTEGER,
    "header_count" INTEGER NOT NULL DEFAULT 0,
    "body_day" DATE,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "archived_reason" TEXT,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "dead_letter_pkey" PRIMARY KEY ("topic_id","partition","offset")
);

-- CreateTable
CREATE TABLE "dead_letter_body" (
    "day" DATE NOT NULL,
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "key" BYTEA,
    "value" BYTEA,
    "header_names" BYTEA[],
    "header_values" BYTEA[],
    "value_by_reference" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "dead_letter_body_pkey" PRIMARY KEY ("day","topic_id","partition","offset")
) PARTITION BY RANGE ("day");

-- CreateTable
CREATE TABLE "failure" (
    "id" TEXT NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "root_class" TEXT,
    "error_class" TEXT,
    "frame" TEXT,
    "message" TEXT,
    "sample_topic_id" INTEGER NOT NULL,
    "sample_partition" INTEGER NOT NULL,
    "sample_offset" BIGINT NOT NULL,
    "count" BIGINT NOT NULL DEFAULT 0,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "note" TEXT,
    "owner" TEXT,
    "muted_until" TIMESTAMPTZ(3),

    CONSTRAINT "failure_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "replay" (
    "id" UUID NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "mode" TEXT NOT NULL DEFAULT 'exactly-once',
    "selection" JSONB NOT NULL,
    "snapshot_seq" BIGINT NOT NULL,
    "target_topic" TEXT,
    "partitioning" TEXT NOT NULL DEFAULT 'origin',
    "rate_per_second" INTEGER,
    "canary" INTEGER,
    "reason" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "wanted" TEXT NOT NULL DEFAULT 'run',
    "claim_cursor" JSONB,
    "claim_complete" BOOLEAN NOT NULL DEFAULT false,
    "anchors" JSONB,
    "selected" BIGINT,
    "sent" BIGINT NOT NULL DEFAULT 0,
    "processed" BIGINT NOT NULL DEFAULT 0,
    "failed_again" BIGINT NOT NULL DEFAULT 0,
    "refused" BIGINT NOT NULL DEFAULT 0,
    "needs_decision" BIGINT NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "idempotency_key" TEXT,
    "body_hash" BYTEA,
    "lease_holder" TEXT,
    "lease_until" TIMESTAMPTZ(3),

    CONSTRAINT "replay_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "replay_item" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "generation" INTEGER NOT NULL,
    "replay_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "final" BOOLEAN NOT NULL DEFAULT false,
    "settled" BOOLEAN NOT NULL DEFAULT false,
    "target_topic" TEXT,
    "sent_partition" INTEGER,
    "sent_offset" BIGINT,
    "sent_at" TIMESTAMPTZ(3),
    "refusal" TEXT,
    "detail" JSONB,
    "outcome_at" TIMESTAMPTZ(3),

    CONSTRAINT "replay_item_pkey" PRIMARY KEY ("topic_id","partition","offset","generation")
);

-- CreateTable
CREATE TABLE "replay_event" (
    "id" BIGSERIAL NOT NULL,
    "replay_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "actor" TEXT,
    "detail" JSONB,

    CONSTRAINT "replay_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource" (
    "id" BIGSERIAL NOT NULL,
    "hash" BYTEA NOT NULL,
    "service" TEXT,
    "attributes" JSONB NOT NULL,

    CONSTRAINT "resource_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "span" (
    "day" DATE NOT NULL,
    "trace_id" BYTEA NOT NULL,
    "span_id" BYTEA NOT NULL,
    "parent_span_id" BYTEA,
    "resource_id" BIGINT NOT NULL,
    "cluster_id" INTEGER,
    "service" TEXT,
    "name" TEXT NOT NULL,
    "kind" SMALLINT NOT NULL,
    "start_ns" BIGINT NOT NULL,
    "duration_ns" BIGINT NOT NULL,
    "status_code" SMALLINT NOT NULL DEFAULT 0,
    "status_message" TEXT,
    "operation" TEXT,
    "topic" TEXT,
    "partition" INTEGER,
    "offset" BIGINT,
    "message_key" TEXT,
    "group_name" TEXT,
    "client_id" TEXT,
    "journey_key" TEXT,
    "journey_key_by" TEXT,
    "batch" BOOLEAN NOT NULL DEFAULT false,
    "links" JSONB,
    "attributes" BYTEA,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "span_pkey" PRIMARY KEY ("trace_id","span_id","day")
) PARTITION BY RANGE ("day");

-- CreateTable
CREATE TABLE "journey_pending" (
    "id" BIGSERIAL NOT NULL,
    "day" DATE NOT NULL,
    "trace_id" BYTEA NOT NULL,

    CONSTRAINT "journey_pending_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journey" (
    "id" UUID NOT NULL,
    "cluster_id" INTEGER,
    "key" TEXT,
    "key_by" TEXT,
    "state" TEXT NOT NULL DEFAULT 'unknown',
    "verdict" TEXT NOT NULL DEFAULT '',
    "entry_type" TEXT,
    "last_hop" TEXT,
    "hop_count" INTEGER NOT NULL DEFAULT 0,
    "failed" BOOLEAN NOT NULL DEFAULT false,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL,
    "next_check_at" TIMESTAMPTZ(3),

    CONSTRAINT "journey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journey_alias" (
    "id" UUID NOT NULL,
    "journey_id" UUID NOT NULL,

    CONSTRAINT "journey_alias_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "journey_member" (
    "by" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "journey_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "journey_member_pkey" PRIMARY KEY ("by","ref")
);

-- CreateTable
CREATE TABLE "journey_edge" (
    "journey_id" UUID NOT NULL,
    "from_ref" TEXT NOT NULL,
    "to_ref" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "journey_edge_pkey" PRIMARY KEY ("journey_id","from_ref","to_ref","kind")
);

-- CreateTable
CREATE TABLE "broker_request" (
    "id" UUID NOT NULL,
    "cluster_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "principal" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deadline" TIMESTAMPTZ(3) NOT NULL,
    "claimed_by" TEXT,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "broker_request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "broker_request_chunk" (
    "request_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "body" JSONB NOT NULL,

    CONSTRAINT "broker_request_chunk_pkey" PRIMARY KEY ("request_id","number")
);

-- CreateTable
CREATE TABLE "alert_rule" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "for_seconds" INTEGER NOT NULL DEFAULT 0,
    "keep_seconds" INTEGER NOT NULL DEFAULT 0,
    "on_no_data" TEXT NOT NULL DEFAULT 'keep',
    "severity" TEXT NOT NULL DEFAULT 'warning',
    "endpoint_ids" UUID[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "built_in" BOOLEAN NOT NULL DEFAULT false,
    "last_evaluated_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "alert_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert" (
    "id" UUID NOT NULL,
    "rule_id" UUID NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "annotations" JSONB NOT NULL DEFAULT '{}',
    "state" TEXT NOT NULL,
    "held_phase" TEXT,
    "missing_since" TIMESTAMPTZ(3),
    "value" DOUBLE PRECISION,
    "threshold" DOUBLE PRECISION,
    "sentence" TEXT NOT NULL DEFAULT '',
    "pending_since" TIMESTAMPTZ(3),
    "firing_since" TIMESTAMPTZ(3),
    "recovering_since" TIMESTAMPTZ(3),
    "resolved_at" TIMESTAMPTZ(3),
    "last_evaluated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "alert_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alert_evaluation" (
    "rule_id" UUID NOT NULL,
    "bucket" TIMESTAMPTZ(0) NOT NULL,

    CONSTRAINT "alert_evaluation_pkey" PRIMARY KEY ("rule_id","bucket")
);

-- CreateTable
CREATE TABLE "alert_group" (
    "id" UUID NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "group_key" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "told_firing" JSONB NOT NULL DEFAULT '[]',
    "first_firing_at" TIMESTAMPTZ(3),
    "last_notified_at" TIMESTAMPTZ(3),
    "next_notify_at" TIMESTAMPTZ(3),

    CONSTRAINT "alert_group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "silence" (
    "id" UUID NOT NULL,
    "matchers" JSONB NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "author" TEXT NOT NULL,
    "comment" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "silence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_endpoint" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "format" TEXT NOT NULL DEFAULT 'standard',
    "sealed_secret" BYTEA,
    "sealed_previous" BYTEA,
    "previous_expires_at" TIMESTAMPTZ(3),
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    "last_success_at" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_endpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "id" TEXT NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "alert_group_id" UUID,
    "type" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "lease_holder" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "redelivered_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery_attempt" (
    "delivery_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "latency_ms" INTEGER,
    "status_code" INTEGER,
    "error" TEXT,
    "request_head" JSONB,
    "response_head" JSONB,
    "response_body" TEXT,

    CONSTRAINT "delivery_attempt_pkey" PRIMARY KEY ("delivery_id","number")
);

-- CreateTable
CREATE TABLE "app_user" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_link" (
    "token_hash" BYTEA NOT NULL,
    "role" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "sign_in_link_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "session" (
    "id_hash" BYTEA NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "user_agent" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id_hash")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "role" TEXT NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "reason" TEXT,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "setting_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "lease" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "collector_status" (
    "name" TEXT NOT NULL,
    "every_ms" INTEGER NOT NULL,
    "holder" TEXT NOT NULL,
    "last_started_at" TIMESTAMPTZ(3),
    "last_ended_at" TIMESTAMPTZ(3),
    "last_ok_at" TIMESTAMPTZ(3),
    "last_duration_ms" INTEGER,
    "last_error" TEXT,
    "consecutive_failures" INTEGER NOT NULL DEFAULT 0,
    "figures" JSONB,

    CONSTRAINT "collector_status_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "cluster_name_key" ON "cluster"("name");

-- CreateIndex
CREATE UNIQUE INDEX "cluster_kafka_cluster_id_key" ON "cluster"("kafka_cluster_id");

-- CreateIndex
CREATE INDEX "topic_cluster_id_name_idx" ON "topic"("cluster_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "topic_cluster_id_kafka_topic_id_key" ON "topic"("cluster_id", "kafka_topic_id");

-- CreateIndex
CREATE UNIQUE INDEX "consumer_group_cluster_id_name_key" ON "consumer_group"("cluster_id", "name");

-- CreateIndex
CREATE INDEX "group_partition_offset_topic_id_partition_idx" ON "group_partition_offset"("topic_id", "partition");

-- CreateIndex
CREATE INDEX "dead_letter_topic_id_seq_idx" ON "dead_letter"("topic_id", "seq");

-- CreateIndex
CREATE INDEX "dead_letter_cluster_id_seq_idx" ON "dead_letter"("cluster_id", "seq" DESC);

-- CreateIndex
CREATE INDEX "dead_letter_state_seq_idx" ON "dead_letter"("state", "seq" DESC);

-- CreateIndex
CREATE INDEX "dead_letter_seq_idx" ON "dead_letter"("seq" DESC);

-- CreateIndex
CREATE INDEX "dead_letter_failure_id_state_ingested_at_state_at_idx" ON "dead_letter"("failure_id", "state", "ingested_at", "state_at");

-- CreateIndex
CREATE INDEX "dead_letter_failure_id_seq_idx" ON "dead_letter"("failure_id", "seq" DESC);

-- CreateIndex
CREATE INDEX "dead_letter_correlation_id_idx" ON "dead_letter"("correlation_id");

-- CreateIndex
CREATE INDEX "dead_letter_origin_topic_origin_partition_origin_offset_idx" ON "dead_letter"("origin_topic", "origin_partition", "origin_offset");

-- CreateIndex
CREATE INDEX "dead_letter_replay_ref_idx" ON "dead_letter"("replay_ref");

-- CreateIndex
CREATE INDEX "failure_cluster_id_last_seen_at_idx" ON "failure"("cluster_id", "last_seen_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "replay_idempotency_key_key" ON "replay"("idempotency_key");

-- CreateIndex
CREATE INDEX "replay_state_idx" ON "replay"("state");

-- CreateIndex
CREATE INDEX "replay_created_at_idx" ON "replay"("created_at" DESC);

-- CreateIndex
CREATE INDEX "replay_item_replay_id_topic_id_partition_offset_idx" ON "replay_item"("replay_id", "topic_id", "partition", "offset");

-- CreateIndex
CREATE INDEX "replay_item_target_topic_sent_partition_sent_offset_idx" ON "replay_item"("target_topic", "sent_partition", "sent_offset");

-- CreateIndex
CREATE INDEX "replay_event_replay_id_id_idx" ON "replay_event"("replay_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "resource_hash_key" ON "resource"("hash");

-- CreateIndex
CREATE INDEX "span_journey_key_idx" ON "span"("journey_key");

-- CreateIndex
CREATE INDEX "span_topic_partition_offset_idx" ON "span"("topic", "partition", "offset");

-- CreateIndex
CREATE INDEX "journey_key_idx" ON "journey"("key");

-- CreateIndex
CREATE INDEX "journey_last_activity_at_idx" ON "journey"("last_activity_at" DESC);

-- CreateIndex
CREATE INDEX "journey_state_last_activity_at_idx" ON "journey"("state", "last_activity_at" DESC);

-- CreateIndex
CREATE INDEX "journey_next_check_at_idx" ON "journey"("next_check_at");

-- CreateIndex
CREATE INDEX "journey_alias_journey_id_idx" ON "journey_alias"("journey_id");

-- CreateIndex
CREATE INDEX "journey_member_journey_id_idx" ON "journey_member"("journey_id");

-- CreateIndex
CREATE INDEX "broker_request_state_created_at_idx" ON "broker_request"("state", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "alert_rule_name_key" ON "alert_rule"("name");

-- CreateIndex
CREATE INDEX "alert_state_idx" ON "alert"("state");

-- CreateIndex
CREATE UNIQUE INDEX "alert_rule_id_fingerprint_key" ON "alert"("rule_id", "fingerprint");

-- CreateIndex
CREATE INDEX "alert_group_next_notify_at_idx" ON "alert_group"("next_notify_at");

-- CreateIndex
CREATE UNIQUE INDEX "alert_group_endpoint_id_group_key_key" ON "alert_group"("endpoint_id", "group_key");

-- CreateIndex
CREATE INDEX "silence_ends_at_idx" ON "silence"("ends_at");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_endpoint_name_key" ON "webhook_endpoint"("name");

-- CreateIndex
CREATE INDEX "delivery_state_next_attempt_at_idx" ON "delivery"("state", "next_attempt_at");

-- CreateIndex
CREATE INDEX "delivery_endpoint_id_created_at_idx" ON "delivery"("endpoint_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "delivery_alert_group_id_idx" ON "delivery"("alert_group_id");

-- CreateIndex
CREATE UNIQUE INDEX "app_user_name_key" ON "app_user"("name");

-- CreateIndex
CREATE INDEX "session_expires_at_idx" ON "session"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_hash_key" ON "api_token"("hash");

-- CreateIndex
CREATE INDEX "audit_entry_at_idx" ON "audit_entry"("at" DESC);

-- What Prisma's language cannot say.

-- One current incarnation of a topic name per cluster.
CREATE UNIQUE INDEX "topic_current_name_key" ON "topic"("cluster_id", "name") WHERE "deleted_at" IS NULL;

-- The database settles races between replays: one item per dead letter that may still be sent.
CREATE UNIQUE INDEX "replay_item_open_key" ON "replay_item"("topic_id", "partition", "offset") WHERE NOT "final";
CREATE INDEX "replay_item_unsettled_idx" ON "replay_item"("replay_id") WHERE NOT "settled";

-- Rewritten every few seconds in place: room in each page keeps those updates off the indexes (HOT).
ALTER TABLE "group_partition_offset" SET (fillfactor = 60);
ALTER TABLE "topic_partition_offset" SET (fillfactor = 60);
ALTER TABLE "consumer_group" SET (fillfactor = 60);
