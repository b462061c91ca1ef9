-- The form of a failure's values, where it tells the failure from another of the same error: 'tombstone' or a media type.
ALTER TABLE "failure" ADD COLUMN "payload" TEXT;

-- Named filters of the list of dead letters, for everybody who uses this installation.
CREATE TABLE "saved_filter" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "saved_filter_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "saved_filter_name_key" ON "saved_filter"("name");
