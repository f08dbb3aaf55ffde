"""The shared harness: one experiment in, tables out."""

import os
import sys

# `python -m evals.run`: files of the working directory hide no module, ours or Python's
if (
    sys.argv[:1] == ["-m"]
    and not sys.flags.safe_path
    and __path__ != [f"{sys.path[0]}{os.sep}{__name__}"]
):
    del sys.path[0]

from evals import early as early  # before anything that takes time to load
