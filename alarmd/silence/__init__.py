"""Which device promised to be heard and is not: one incident for each cause, and who was unprotected meanwhile."""
