"""Domain value → plotly figure."""
