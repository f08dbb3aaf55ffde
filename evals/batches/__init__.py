"""Runs through a provider's Batch API: collect, submit, wait, fill the call store, run again."""
