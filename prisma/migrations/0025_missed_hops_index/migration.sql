-- What was missed in the last hour is asked for all entry types at once: the time comes first.
CREATE INDEX "journey_deviation_missed_at_idx" ON "journey_deviation"("missed_at", "entry_type") WHERE "missed_at" IS NOT NULL;

DROP INDEX "journey_deviation_missed_idx";
