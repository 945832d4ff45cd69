"""The words alarmd says and sends. `escalation.wording` is the way in; here are its parts, one concept a file."""
