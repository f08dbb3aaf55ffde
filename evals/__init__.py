"""The shared harness: one experiment in, tables out."""
