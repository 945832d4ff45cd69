"""Pure decisions: who is contacted, when, in what words, and what an incident becomes. No I/O, no clock."""
