-- Nobody read them: what connects two hops, and why, is computed from the spans whenever a journey is looked at. Writing them took as much room
-- as the spans.
DROP TABLE "journey_edge";
