"""Domain value → Dash component."""
