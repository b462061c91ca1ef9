-- Ids by which one event names another as its cause, for the spans that carry any. A table of its own: most spans carry none, and
-- neither their rows nor their indexes grow by those that do.
CREATE TABLE "span_event" (
    "day" DATE NOT NULL,
    "trace_id" BYTEA NOT NULL,
    "span_id" BYTEA NOT NULL,
    "event_id" TEXT,
    "causation_id" TEXT,

    CONSTRAINT "span_event_pkey" PRIMARY KEY ("trace_id","span_id","day")
) PARTITION BY RANGE ("day");

CREATE INDEX "span_event_event_id_idx" ON "span_event"("event_id");

CREATE INDEX "span_event_causation_id_idx" ON "span_event"("causation_id");

-- What the headers of a record say of its event, where a topic is tapped: services without tracing leave nothing else.
CREATE TABLE "record_header" (
    "day" DATE NOT NULL,
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "timestamp_ms" BIGINT NOT NULL,
    "message_key" TEXT,
    "trace_id" BYTEA,
    "span_id" BYTEA,
    "journey_key" TEXT,
    "journey_key_by" TEXT,
    "event_id" TEXT,
    "causation_id" TEXT,

    CONSTRAINT "record_header_pkey" PRIMARY KEY ("topic_id","partition","offset","day")
) PARTITION BY RANGE ("day");

CREATE INDEX "record_header_journey_key_idx" ON "record_header"("journey_key");

CREATE INDEX "record_header_trace_id_idx" ON "record_header"("trace_id");

CREATE INDEX "record_header_event_id_idx" ON "record_header"("event_id");

CREATE INDEX "record_header_causation_id_idx" ON "record_header"("causation_id");

-- How far the tap has read; apart from the dead letters' positions, because a topic may be read for both.
CREATE TABLE "header_position" (
    "topic_id" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "next_offset" BIGINT NOT NULL,
    "end_offset" BIGINT,
    "last_read_at" TIMESTAMPTZ(3) NOT NULL,
    "last_error" TEXT,
    "failing_at" TIMESTAMPTZ(3),

    CONSTRAINT "header_position_pkey" PRIMARY KEY ("topic_id","partition")
);

-- What waits for its journey is a trace or a tapped record.
ALTER TABLE "journey_pending" ALTER COLUMN "trace_id" DROP NOT NULL;

ALTER TABLE "journey_pending" ADD COLUMN "topic_id" INTEGER, ADD COLUMN "partition" INTEGER, ADD COLUMN "offset" BIGINT;
