"""``tf.GradientTape``: which values are recorded, and their gradients.

swiftconv records what is computed from tensors that require gradients. The values of tensors and variables require
them only while a tape that watches them is recording; otherwise operations get values cut off from the graph.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ..autograd import grad as _grad
from ..creation import ones_like as _ones_like
from ..creation import zeros_like as _zeros_like
from ._nest import flat, packed

if TYPE_CHECKING:
    from ..tensor import Tensor as Native


class _State(threading.local):
    def __init__(self) -> None:
        self.tapes: list[GradientTape] = []


_state = _State()


def recording() -> list[GradientTape]:
    """Return the tapes that are recording in this thread."""
    return _state.tapes


class UnconnectedGradients:
    """What `GradientTape.gradient` gives for a source that the target does not depend on."""

    NONE = "none"
    ZERO = "zero"


class GradientTape:
    """Records operations, so that `gradient` can differentiate them.

    Parameters
    ----------
    persistent : bool
        Allow more than one call of `gradient`.
    watch_accessed_variables : bool
        Watch every trainable variable that is read.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> x = tf.Variable([1.0, 2.0])
    >>> with tf.GradientTape() as tape:
    ...     y = x * x
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([2., 4.], dtype=float32)>
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._accessed = watch_accessed_variables
        self._clear()

    def _clear(self) -> None:
        self._used = False
        self._overlaps = False
        # By identity: the object, kept alive, and the values it had, each a leaf of the graph.
        self._watched: dict[int, tuple[Any, list[Native]]] = {}
        self._opened: list[Any] = []

    def __enter__(self) -> GradientTape:
        if self in recording():
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        if recording():
            self._overlaps = True
            for tape in recording():
                tape._overlaps = True
        recording().append(self)
        return self

    def __exit__(self, *error: Any) -> None:
        self._stop()

    def _stop(self) -> None:
        if self in recording():
            recording().remove(self)
        for tensor in self._opened:
            tensor._unwatch()
        self._opened = []

    def reset(self) -> None:
        """Forget everything recorded so far."""
        self._clear()

    def stop_recording(self) -> Any:
        """Return a context in which the tape does not record."""
        return _Pause(self)

    def watch(self, tensor: Any) -> None:
        """Record what is computed from a tensor or a variable, or from several of them."""
        from ._tensor import Tensor
        from ._variable import Variable

        for each in flat(tensor):
            if isinstance(each, Variable):
                self._note(each._cell, each._cell.leaf)
            elif isinstance(each, Tensor):
                if not each.dtype.is_floating:
                    continue
                if not each._t.requires_grad:
                    each._watch()
                    self._opened.append(each)
                self._note(each, each._t)
            else:
                raise ValueError(
                    f"Passed in object {each!r} of type {type(each).__name__!r}, not tf.Tensor or tf.Variable"
                )

    def watched_variables(self) -> tuple[Any, ...]:
        """Return the variables read so far."""
        from ._variable import Cell

        return tuple(each.variable for each, _ in self._watched.values() if isinstance(each, Cell))

    def _note(self, key: Any, leaf: Native) -> None:
        leaves = self._watched.setdefault(id(key), (key, []))[1]
        if not any(each is leaf for each in leaves):
            leaves.append(leaf)

    def _reads(self, cell: Any, trainable: bool) -> bool:
        """Return whether the tape watches a variable, which is being read."""
        if (self._accessed and trainable) or id(cell) in self._watched:
            self._note(cell, cell.leaf)
            return True
        return False

    def _leaves(self, value: Any) -> list[Native]:
        from ._variable import Variable

        if isinstance(value, Variable):
            return self._watched.get(id(value._cell), (None, []))[1]
        found = self._watched.get(id(value))
        if found is not None:
            return found[1]
        native = getattr(value, "_t", None)
        return [native] if native is not None and native.requires_grad and not native.is_leaf else []

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = UnconnectedGradients.NONE,
    ) -> Any:
        """Return the gradients of the sum of `target` with respect to `sources`, in the structure of `sources`.

        Raises
        ------
        RuntimeError
            When a tape that is not persistent is asked twice.
        """
        from ._tensor import EagerTensor, native

        if self._used and not self._persistent:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"
            )
        self._used = True
        if not self._persistent:
            self._stop()
        given = flat(output_gradients) if output_gradients is not None else [None] * len(flat(target))
        roots, seeds = [], []
        for each, seed in zip(flat(target), given, strict=True):
            for root in self._leaves(each)[-1:]:
                roots.append(root)
                seeds.append(_ones_like(root) if seed is None else native(seed))
        wanted = [self._leaves(each) for each in flat(sources)]
        inputs = [leaf for leaves in wanted for leaf in leaves]
        found: list[Native | None] = [None] * len(inputs)
        if roots and inputs:
            further = bool(recording())
            keep = self._persistent or self._overlaps or further
            found = list(_grad(roots, inputs, seeds, retain_graph=keep, create_graph=further, allow_unused=True))
        results, position = [], 0
        for source, leaves in zip(flat(sources), wanted, strict=True):
            parts = [each for each in found[position : position + len(leaves)] if each is not None]
            position += len(leaves)
            if parts:
                results.append(EagerTensor(sum(parts[1:], parts[0])))
            else:
                zero = unconnected_gradients == UnconnectedGradients.ZERO
                results.append(EagerTensor(_zeros_like(native(source)).detach()) if zero else None)
        return packed(sources, results)

    def jacobian(self, target: Any, sources: Any, **_: Any) -> Any:
        """Return the derivatives of every element of `target` with respect to every element of `sources`."""
        from ._math import reshape, stack, zeros_like

        persistent, self._persistent = self._persistent, True
        try:
            # The choice of an element is recorded, so that its gradient reaches the sources.
            recording().append(self)
            try:
                elements = list(reshape(target, (-1,)))
            finally:
                recording().remove(self)
            rows = [flat(self.gradient(each, sources)) for each in elements]
        finally:
            self._persistent = persistent
        self._used = True
        results = []
        for source, column in zip(flat(sources), zip(*rows, strict=True), strict=True):
            parts = [zeros_like(source) if each is None else each for each in column]
            results.append(reshape(stack(parts), target.shape + source.shape))
        return packed(sources, results)


class _Pause:
    def __init__(self, tape: GradientTape) -> None:
        self.tape = tape

    def __enter__(self) -> None:
        recording().remove(self.tape)

    def __exit__(self, *error: Any) -> None:
        recording().append(self.tape)


GradientTape.__module__ = "tensorflow.python.eager.backprop"
