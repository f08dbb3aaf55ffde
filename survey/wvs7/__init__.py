"""World Values Survey Wave 7: its codebook as csv files, and what only this wave knows."""
