"""One run: its experiment and plan, the engine that asks, its ledger and its directory."""
