"""The functions of `jax.tree_util` under short names: ``jax.tree.map``.

Example
-------
>>> import swiftconv.jax as jax
>>> jax.tree.map(lambda x: 2 * x, [1, (2,)])
[2, (4,)]
"""

from __future__ import annotations

from ..dialects.switch import missing as _missing
from .tree_util import tree_all as all
from .tree_util import tree_flatten as flatten
from .tree_util import tree_leaves as leaves
from .tree_util import tree_map as map
from .tree_util import tree_reduce as reduce
from .tree_util import tree_structure as structure
from .tree_util import tree_transpose as transpose
from .tree_util import tree_unflatten as unflatten

__all__ = ["all", "flatten", "leaves", "map", "reduce", "structure", "transpose", "unflatten"]

__getattr__ = _missing("jax", "jax.tree", globals())
