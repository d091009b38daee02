"""Straps, and whatever stands in for one, as sources of packets."""
