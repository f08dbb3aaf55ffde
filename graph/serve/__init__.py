"""Servers of the graphs and personas: Studio's server with its guard, MCP, and the page."""
