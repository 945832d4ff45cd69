"""The outside world, for demo and tests: buttons, phones, a dispatch centre, faults."""
