"""What the client costs, as ratios of two ways that were run in turn."""
