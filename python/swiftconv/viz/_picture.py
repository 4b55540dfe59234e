"""The figures that the functions here return. Imports Matplotlib, and so is imported when a picture is made."""

from __future__ import annotations

import io

from matplotlib.figure import Figure


class Picture(Figure):
    """A figure that a notebook shows although no window system, and so not `pyplot`, knows of it."""

    def _repr_png_(self) -> bytes:
        with io.BytesIO() as file:
            self.savefig(file, format="png", bbox_inches="tight")
            return file.getvalue()
