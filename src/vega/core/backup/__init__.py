"""Copies of a life: made, proved, kept by a rule, and brought back."""
