"""What serves the graphs and the personas: Studio's server and its guard, MCP, the page."""
