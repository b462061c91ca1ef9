-- When the broker takes the first row of a failure that still waits: the first entry of an index, whatever the number of rows. A row leaves it
-- with its first replay, and one that nothing expires was never in it.
CREATE INDEX "dead_letter_expiry_idx" ON "dead_letter"("failure_id", "expires_at") WHERE "expires_at" IS NOT NULL AND "state" IN ('new', 'failed-again');

-- Where a selection begins and where its records came from, as counted when it was asked for: its worker does not count a million rows again
-- before it sends the first.
ALTER TABLE "replay" ADD COLUMN "summary" JSONB;
