"""Modules that learn the shapes of their parameters from the first input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .module import Module
from .parameter import is_lazy

if TYPE_CHECKING:
    from ..tensor import Tensor


class LazyModule(Module):
    """The base class of lazy modules. At the first input it becomes its `finished_class`, and stays the same object."""

    finished_class: type[Module]

    def initialize_parameters(self, *args: Any) -> None:
        """Give the parameters their shapes, from the arguments of the first call; subclasses say how.

        Example
        -------
        >>> layer = nn.LazyLinear(2)
        >>> layer.initialize_parameters(sc.zeros(5, 3))
        >>> layer.weight.shape
        swiftconv.Size([2, 3])
        """
        # Abstract: each lazy layer has its own sizes to find out.
        raise NotImplementedError(f"{type(self).__name__}: initialize_parameters is missing")

    def has_uninitialized_params(self) -> bool:
        """Tell whether a parameter or buffer has no shape yet.

        Example
        -------
        >>> layer = nn.LazyLinear(2)
        >>> layer.has_uninitialized_params()
        True
        >>> _ = layer(sc.zeros(5, 3))
        >>> any(nn.parameter.is_lazy(each) for each in layer.parameters())
        False
        """
        return any(is_lazy(member) for member in (*self._parameters.values(), *self._buffers.values()))

    def materialize(self, name: str, shape: tuple[int, ...], dtype: Any) -> None:
        """Give one parameter or buffer its shape, unless it is None or has one.

        Example
        -------
        >>> layer = nn.LazyLinear(2)
        >>> layer.materialize("weight", (2, 3), sc.float32)
        >>> layer.weight.shape
        swiftconv.Size([2, 3])
        """
        member = self._parameters[name] if name in self._parameters else self._buffers[name]
        if is_lazy(member):
            member.materialize(shape, dtype)

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        if self.has_uninitialized_params():
            self.initialize_parameters(*args)
        else:
            # `load_state_dict` has given all parameters their shapes and values.
            self.adopt_parameters()
        self.__class__ = self.finished_class
        return self(*args, **kwargs)

    def adopt_parameters(self) -> None:
        """Take the sizes from parameters that have been loaded.

        Example
        -------
        >>> layer = nn.LazyLinear(2)
        >>> _ = layer.load_state_dict(nn.Linear(3, 2).state_dict())
        >>> layer.adopt_parameters()
        >>> layer.in_features
        3
        """
