"""The ValueSim graph, its state, its models and its call store."""

import os
import sys

# `python -m graph.serve.page`: files of the working directory hide no module, ours or Python's
if (
    sys.argv[:1] == ["-m"]
    and not sys.flags.safe_path
    and __path__ != [f"{sys.path[0]}{os.sep}{__name__}"]
):
    del sys.path[0]
