"""One module a page: `layout()` and `register(app, library)`."""
