"""Who was asked what, and what they said; nothing here knows of models."""

import os
import sys

# `python -m survey.synthetic`: files of the working directory hide no module, ours or Python's
if (
    sys.argv[:1] == ["-m"]
    and not sys.flags.safe_path
    and __path__ != [f"{sys.path[0]}{os.sep}{__name__}"]
):
    del sys.path[0]
