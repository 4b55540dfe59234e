"""What NumPy's functions do with tensors.

A universal function that tensors have as well, such as ``np.exp`` or ``np.add``, is computed by the tensors' operator
and keeps the gradient; the result is a tensor. Any other function sees arrays on the tensors' memory. When a tensor
requires grad it raises, because the gradient would be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import ops
from ._core import TensorBase

if TYPE_CHECKING:
    import numpy

# Universal functions whose name among the operators is another one, or means something else there.
_OTHER_NAMES = {"equal": "eq", "fabs": "abs", "invert": "bitwise_not", "power": "pow", "rint": "round"}


def array_ufunc(self: TensorBase, ufunc: numpy.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
    """Apply a universal function of NumPy; see the module."""
    name = ufunc.__name__
    if method == "__call__" and not options:
        operator = getattr(ops, _OTHER_NAMES.get(name, name), None)
        if operator is not None:
            return operator(*inputs)
    full_name = name if method == "__call__" else f"{name}.{method}"
    return getattr(ufunc, method)(*_as_arrays(inputs, full_name), **_as_arrays(options, full_name))


def array_function(self: TensorBase, function: Callable[..., Any], types: Any, inputs: Any, options: Any) -> Any:
    """Call any other function of NumPy; see the module."""
    name = function.__name__
    return function(*_as_arrays(inputs, name), **_as_arrays(options, name))


def array_interface(self: TensorBase) -> dict[str, Any]:
    """Describe the memory, for libraries such as Pillow."""
    array = self.numpy()
    # With strides given, old versions of Pillow ask for bytes instead of the memory, which they want read-only.
    return array.__array_interface__ | {"strides": array.strides}


def _as_arrays(value: Any, name: str) -> Any:
    """The same with arrays in place of tensors."""
    if isinstance(value, TensorBase):
        if value.requires_grad:
            known = f"use sc.{name}(x), or " if callable(getattr(ops, name, None)) else "use "
            raise TypeError(
                f"numpy.{name}: the tensor requires grad, and NumPy would lose the gradient; {known}x.detach() "
                "to go on without it"
            )
        return value.numpy()
    if isinstance(value, (list, tuple)):
        return type(value)([_as_arrays(each, name) for each in value])
    if isinstance(value, dict):
        return {key: _as_arrays(each, name) for key, each in value.items()}
    return value
