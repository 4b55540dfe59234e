"""``python -m swiftconv.jax script.py [arguments]``."""

from __future__ import annotations

import sys

from ..dialects.run import main
from . import DIALECT

sys.exit(main(DIALECT))
