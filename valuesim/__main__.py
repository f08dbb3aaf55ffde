"""The command `valuesim` as `python -m valuesim`."""

import sys

from valuesim.cli import main

if __name__ == "__main__":
    sys.exit(main())
