-- What a look at a few records says about topics that no pattern and no configuration names: do they hold dead letters or retries? By name, so that
-- what a person decided holds for the next incarnation of the topic too.
CREATE TABLE "topic_discovery" (
    "cluster_id" INTEGER NOT NULL,
    "topic" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "role" TEXT,
    "evidence" JSONB,
    "sampled_at" TIMESTAMPTZ(3) NOT NULL,
    "sampled_end" BIGINT,
    "found_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "topic_discovery_pkey" PRIMARY KEY ("cluster_id", "topic")
);

CREATE INDEX "topic_discovery_state_idx" ON "topic_discovery"("state");
