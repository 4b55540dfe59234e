"""Pictures of what convolutions do. They need Matplotlib, which is imported when the first one is drawn.

The functions return Matplotlib's figures and axes: a notebook shows them, ``figure.savefig("name.png")`` keeps them.

Example
-------
>>> figure = sc.viz.show_corr2d([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]])
>>> len(figure.axes)
12
"""

from __future__ import annotations

from .correlation import show_corr2d
from .features import show_feature_maps
from .fields import show_receptive_field
from .kernels import show_kernels
from .losses import plot_losses

__all__ = ["plot_losses", "show_corr2d", "show_feature_maps", "show_kernels", "show_receptive_field"]
