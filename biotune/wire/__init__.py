"""Bytes ↔ values, pure: what a strap's characteristics say."""
