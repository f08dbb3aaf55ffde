"""Keeps replies and saves calls: the call store, rate limits, budget and retries."""
