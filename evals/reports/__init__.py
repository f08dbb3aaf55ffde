"""From the directories of runs to one page, its tables and its figures."""
