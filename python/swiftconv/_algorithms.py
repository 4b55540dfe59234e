"""By which algorithm convolutions are computed, and which one a convolution gets."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from . import _core
from ._arguments import repeated
from ._table import Table

Function = TypeVar("Function", bound=Callable[..., Any])

_PASSES = ("forward", "input gradient", "weight gradient")


def get_conv_algorithm() -> str:
    """Return the name of the algorithm that this thread asks convolutions to use; see `conv_algorithm`.

    Example
    -------
    >>> sc.get_conv_algorithm()
    'auto'
    """
    return _core.conv_algorithm()


class conv_algorithm:
    """Choose by which algorithm this thread computes convolutions: from here on, or in a ``with`` block or a function.

    Gradients are computed by what is chosen when ``backward`` runs. Where an algorithm cannot compute a convolution,
    the nearest one that can does; `explain` tells.

    Parameters
    ----------
    name : str
        - ``"auto"``: the fastest by a cost model, which looks at the shapes alone.
        - ``"strict"``: the fastest of those that add up just the products of the definition. Then no rounding error is
          larger than that of a sum, and an infinity or NaN reaches those results only that see it.
        - ``"direct"``: sums along the rows of each channel, for depthwise convolutions.
        - ``"gemm"``: a product of matrices, of which that of all windows is never written down.
        - ``"winograd"``: fewer products, for 3x3 kernels with stride 1.
        - ``"fft"``: the Fourier transform, for `corr2d` with large kernels.
        - ``"reference"``: the definition, in double precision; slow.

    Raises
    ------
    ValueError
        For any other name.

    Source
    ------
    Lavin, Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), arXiv:1509.09308.

    Example
    -------
    >>> x, weight = sc.ones(1, 32, 8, 8), sc.ones(32, 32, 3, 3)
    >>> with sc.conv_algorithm("strict"):
    ...     y = F.conv2d(x, weight)
    >>> y[0, 0, 0, 0].item()
    288.0
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._previous = [_core.set_conv_algorithm(name)]
        # The constructor has chosen already; the first block restores what was chosen before it.
        self._is_entered = False

    def __enter__(self) -> None:
        previous = _core.set_conv_algorithm(self.name)
        if self._is_entered:
            self._previous.append(previous)
        self._is_entered = True

    def __exit__(self, *_: object) -> None:
        _core.set_conv_algorithm(self._previous.pop())

    def __call__(self, function: Function) -> Function:
        _core.set_conv_algorithm(self._previous.pop())

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with conv_algorithm(self.name):
                return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]


@dataclass(frozen=True)
class Choice:
    """Which algorithm computes one pass of a convolution, and why.

    Example
    -------
    >>> sc.explain((1, 3, 8, 8), (4, 3, 3, 3))[0].algorithm
    'small'
    """

    which: str
    algorithm: str
    reason: str


class Explanation(Sequence[Choice]):
    """What `explain` found: one `Choice` per pass, shown as a table.

    Example
    -------
    >>> [choice.which for choice in sc.explain((1, 3, 8, 8), (4, 3, 3, 3))]
    ['forward', 'input gradient', 'weight gradient']
    """

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        self.title, self.choices = title, list(choices)

    def __getitem__(self, index: Any) -> Any:
        return self.choices[index]

    def __len__(self) -> int:
        return len(self.choices)

    def __iter__(self) -> Iterator[Choice]:
        return iter(self.choices)

    @property
    def _table(self) -> Table:
        rows = [(choice.which, choice.algorithm, choice.reason) for choice in self.choices]
        return Table(self.title, ("pass", "algorithm", "because"), rows)

    def __str__(self) -> str:
        return str(self._table)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._table._repr_html_()


def _shape(value: Any, what: str) -> tuple[int, ...]:
    """The shape of a tensor or array, or a shape itself."""
    shape = tuple(getattr(value, "shape", value))
    if not 2 <= len(shape) <= 5:
        raise ValueError(f"explain: {what} has {len(shape)} axes {shape}, expected (N, C, *spatial) or (H, W)")
    return shape


def explain(x: Any, weight: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Explanation:
    """Tell by which algorithm a convolution and its gradients are computed in this thread, and why.

    Nothing is computed. The choice follows from the shapes and from `conv_algorithm` alone.

    Parameters
    ----------
    x : Tensor, numpy.ndarray or tuple of int
        The input ``(N, C_in, *spatial)``, or its shape. Of two axes: the image of `corr2d`.
    weight : Tensor, numpy.ndarray or tuple of int
        The weight ``(C_out, C_in / groups, *kernel)``, or its shape.
    stride, padding, dilation, groups
        As for `nn.functional.conv2d`; the padding in numbers.

    Returns
    -------
    Explanation
        A sequence with one `Choice` per pass, which prints as a table.

    Raises
    ------
    ValueError
        When the shapes do not fit each other.

    Example
    -------
    >>> choices = sc.explain((8, 64, 56, 56), (64, 64, 3, 3), padding=1)
    >>> choices[0].algorithm
    'winograd F(4x4, 3x3)'
    >>> print(sc.explain((1, 1, 4, 4), (1, 1, 2, 2)))
    convolution of (1, 1, 4, 4) with (1, 1, 2, 2)
    ──────────────────────────────────────────────────────────────────────────
    pass              algorithm   because
    ──────────────────────────────────────────────────────────────────────────
    forward           small       there is too little work to prepare anything
    input gradient    small       there is too little work to prepare anything
    weight gradient   small       there is too little work to prepare anything
    """
    shapes = _shape(x, "x"), _shape(weight, "weight")
    rank = len(shapes[0]) - 2 or 2
    lists = [repeated(value, rank, f"explain: {what}") for value, what in ((stride, "stride"), (padding, "padding"))]
    lists += [lists[1], repeated(dilation, rank, "explain: dilation")]
    plans = [_core.conv_plan(which, *shapes, *lists, groups) for which in range(len(_PASSES))]
    title = f"convolution of {shapes[0]} with {shapes[1]}"
    settings = [
        f"{name} {value}"
        for name, value, usual in (("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1))
        if value != usual
    ]
    if groups != 1:
        settings.append(f"{groups} groups")
    return Explanation(
        ", ".join([title, *settings]), [Choice(which, *plan) for which, plan in zip(_PASSES, plans, strict=True)]
    )
