"""Before and after of a music-assisted relaxation session, honestly."""

__version__ = "0.1.0"
