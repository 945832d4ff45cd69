"""The watchdogs: every silence is noticed, has an owner and is told by a path that does not need what fell silent."""
