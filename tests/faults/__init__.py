"""Faults done to a tiny county on purpose: whatever happens, the next run comes to what an undisturbed run comes to."""
