"""Containers, and the layers that every network has."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from ... import functions, numpy_extension
from ...array import ndarray
from ..block import Block, HybridBlock
from .activations import Activation


class Sequential(Block):
    """Blocks one after the other.

    Example
    -------
    >>> from swiftconv.mxnet.gluon import nn
    >>> net = nn.Sequential()
    >>> net.add(nn.Dense(8, activation="relu"), nn.Dense(1))
    >>> net
    Sequential(
      (0): Dense(-1 -> 8, Activation(relu))
      (1): Dense(-1 -> 1, linear)
    )
    """

    def add(self, *blocks: Block) -> None:
        """Append blocks."""
        for block in blocks:
            self.register_child(block)

    def forward(self, x: Any, *args: Any) -> Any:
        """Compute block after block."""
        for block in self._children.values():
            x = block(x, *args)
            args = ()
            if isinstance(x, (tuple, list)):
                x, args = x[0], tuple(x[1:])
        return (x, *args) if args else x

    def __getitem__(self, key: int | slice) -> Any:
        chosen = list(self._children.values())[key]
        if not isinstance(chosen, list):
            return chosen
        net = type(self)(prefix=self._prefix)
        net.add(*chosen)
        return net

    def __len__(self) -> int:
        return len(self._children)

    def __iter__(self) -> Iterator[Block]:
        return iter(list(self._children.values()))


class HybridSequential(Sequential, HybridBlock):
    """The same as `Sequential`."""


class Dense(HybridBlock):
    """A fully connected layer, ``activation(x @ weight.T + bias)``.

    Parameters
    ----------
    units : int
        The number of outputs.
    activation : str, optional
        Such as "relu".
    use_bias : bool
        Whether there is a bias.
    flatten : bool
        Whether all axes but the first count as inputs; else the last one alone.
    weight_initializer, bias_initializer : Initializer or str, optional
        How the parameters begin.
    in_units : int
        The number of inputs; found with the first batch if 0.
    """

    def __init__(
        self,
        units: int,
        activation: str | None = None,
        use_bias: bool = True,
        flatten: bool = True,
        dtype: Any = "float32",
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_units: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._units, self._in_units, self._flatten = units, in_units, flatten
        common = {"dtype": dtype, "allow_deferred_init": True}
        with self.name_scope():
            self.weight = self.params.get("weight", shape=(units, in_units), init=weight_initializer, **common)
            self.bias = self.params.get("bias", shape=(units,), init=bias_initializer, **common) if use_bias else None
            self.act = Activation(activation, prefix=f"{activation}_") if activation is not None else None

    def infer_shape(self, x: ndarray, *_: Any) -> None:
        """Find the number of inputs."""
        inputs = math.prod(x.shape[1:]) if self._flatten else x.shape[-1]
        self.weight.shape = (self._units, inputs)

    def forward(self, x: ndarray) -> ndarray:
        """Compute the outputs, ``(N, units)``."""
        self._ready(x)
        weight = self.weight.data()
        bias = None if self.bias is None else self.bias.data()
        out = numpy_extension.fully_connected(x, weight, bias, flatten=self._flatten)
        return out if self.act is None else self.act(out)

    def __repr__(self) -> str:
        units, inputs = self.weight.shape  # type: ignore[misc]
        return f"{self.__class__.__name__}({inputs} -> {units}, {self.act or 'linear'})"


class Dropout(HybridBlock):
    """Sets elements to zero at random, each with probability `rate`, while layers train."""

    def __init__(self, rate: float, axes: tuple[int, ...] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._rate, self._axes = rate, axes

    def forward(self, x: ndarray) -> ndarray:
        """Drop elements and scale up the others."""
        return numpy_extension.dropout(x, self._rate) if self._rate > 0 else x

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}(p = {self._rate}, axes={self._axes})"


class Embedding(HybridBlock):
    """Looks up vectors by their number: a weight of shape ``(input_dim, output_dim)``."""

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        dtype: Any = "float32",
        weight_initializer: Any = None,
        sparse_grad: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._sizes, self._dtype = (input_dim, output_dim), dtype
        self.weight = self.params.get("weight", shape=self._sizes, init=weight_initializer, dtype=dtype)

    def forward(self, x: ndarray) -> ndarray:
        """Return the vectors."""
        return self.weight.data()[x]

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._sizes[0]} -> {self._sizes[1]}, {self._dtype})"


class Flatten(HybridBlock):
    """Puts all axes but the first in a row."""

    def forward(self, x: ndarray) -> ndarray:
        """Return ``(N, everything else)``."""
        return x.reshape(x.shape[0], -1)

    def __repr__(self) -> str:
        return self.__class__.__name__


class Lambda(Block):
    """A function, or the name of one in ``np`` or ``npx``, as a block."""

    def __init__(self, function: str | Callable[..., Any], prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        if isinstance(function, str):
            self._func_name = function
            found = getattr(functions, function, None) or getattr(numpy_extension, function, None)
            if found is None:
                raise ValueError(f"Lambda: there is no function {function!r} in np or npx")
            self._function: Callable[..., Any] = found
        else:
            self._function = function
            self._func_name = getattr(function, "__name__", type(function).__name__)

    def forward(self, *args: Any) -> Any:
        """Call the function."""
        return self._function(*args)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._func_name})"


class HybridLambda(Lambda, HybridBlock):
    """The same as `Lambda`."""
