"""What the simulated devices of several families share."""
