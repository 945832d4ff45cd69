-- Beyond a device's budget what is alike has one signal for all of it. What was acknowledged is on disk by its reference all the same;
-- the oldest go, when there are many.
CREATE TABLE signal_shared (
    number INTEGER PRIMARY KEY,
    device TEXT NOT NULL,                       -- as in signal
    ref    TEXT NOT NULL,
    type   TEXT NOT NULL,
    signal INTEGER NOT NULL REFERENCES signal (seq),
    UNIQUE (device, ref, type)
);
