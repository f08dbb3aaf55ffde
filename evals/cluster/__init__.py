"""Runs on many machines, with Dask: the driver writes the ledger, workers ask."""
