"""The rooms beside the main way of `escalation.decide`: each answers one question about the story."""
