"""Vega: a personal AI that is always there, in one conversation for life."""

__version__ = "0.1.0"

__all__ = ["__version__"]
