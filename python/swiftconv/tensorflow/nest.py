"""``tf.nest``."""

from __future__ import annotations

from ..dialects import missing as _missing
from ._nest import flat as flatten
from ._nest import mapped as map_structure
from ._nest import packed as pack_sequence_as

__all__ = ["flatten", "map_structure", "pack_sequence_as"]

__getattr__ = _missing("tensorflow", "tensorflow.nest", globals())
