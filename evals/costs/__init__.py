"""What a run will cost, costs and did cost."""
