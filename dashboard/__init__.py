"""The dashboard: pages, figures and components over `biotune.library` and `biotune.report`."""
