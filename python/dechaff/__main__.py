"""The command `dechaff`, also as `python -m dechaff`."""

from __future__ import annotations

import signal
import sys

from dechaff._dechaff import run_program


def main() -> int:
    """Runs the program with what was typed."""
    # The program hears Ctrl-C itself, and a reader that goes away ends it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    return run_program(["dechaff", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
