-- From when to when somebody was unprotected, found in a log of millions of entries.
CREATE INDEX journal_exposure_opened ON journal (seq) WHERE event = 'exposure.opened';
CREATE INDEX journal_exposure_closed ON journal (seq) WHERE event = 'exposure.closed';
