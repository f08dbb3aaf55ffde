"""What keeps replies and spares calls: the call store, rate limits, budget and retries."""
