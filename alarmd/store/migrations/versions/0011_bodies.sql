-- Only an index: the version before runs on beside it, and keeps it up without knowing.

-- The texts and calls that are over and still have their words, in the order in which they last changed.
CREATE INDEX outbox_bodies ON outbox (changed_at) WHERE body <> '' AND due_at IS NULL;
