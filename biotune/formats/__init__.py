"""Other people's files ↔ the same Recording."""
