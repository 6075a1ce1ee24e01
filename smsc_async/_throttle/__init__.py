"""Who may start, and when: plain functions and values; time is always an argument."""
