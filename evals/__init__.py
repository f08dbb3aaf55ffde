"""The shared harness: one experiment in, tables out."""

from evals import early as early  # before anything that takes time to load
