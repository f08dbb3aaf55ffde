"""The nodes of the graphs: each reads state, asks once, returns its part."""
