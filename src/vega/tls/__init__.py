"""Certificates for the https door: a small authority of this machine, or the owner's own."""
