"""One run: its experiment, its plan of questions, the engine that asks them, its ledger and directory."""
