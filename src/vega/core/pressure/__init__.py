"""How scarce memory is, and what gives it back."""
