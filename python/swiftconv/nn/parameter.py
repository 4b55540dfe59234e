"""Parameters: tensors that a module owns and an optimizer changes."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._device import check_device
from .._dtype import dtype as DType
from .._dtype import float32, to_dtype
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that becomes a parameter of the module whose attribute it is made.

    Parameters
    ----------
    data : Tensor
        The values; the parameter uses their memory.
    requires_grad : bool
        Whether gradients are wanted.

    Example
    -------
    >>> nn.Parameter(sc.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    __slots__ = ()

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            data = _core.empty((0,), 4)
        elif not isinstance(data, Tensor):
            raise TypeError(f"Parameter: data must be a Tensor, got {type(data).__name__}; use sc.tensor(...)")
        result = _core.rewrap(cls, data.detach())
        result.requires_grad = bool(requires_grad)
        return result

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    def __copy__(self) -> Parameter:
        return Parameter(self, self.requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        if id(self) not in memo:
            result = Parameter(self.detach().clone(), self.requires_grad)
            if self.grad is not None:
                result.grad = self.grad.detach().clone()
            memo[id(self)] = result
        return memo[id(self)]

    def __reduce_ex__(self, protocol: int) -> tuple[Any, ...]:
        return _rebuilt, (self.detach().numpy(), self.requires_grad)


class UninitializedParameter(Parameter):
    """A parameter of a lazy module before its first input: it has no shape yet.

    It becomes a `Parameter` by `materialize`, and stays the same object, so that an optimizer made before knows it.

    Example
    -------
    >>> nn.LazyLinear(2).weight
    <UninitializedParameter>
    """

    __slots__ = ()

    def __new__(cls, requires_grad: bool = True) -> UninitializedParameter:
        result = _core.rewrap(cls, _core.empty((0,), 4), True)
        result.requires_grad = bool(requires_grad)
        return result

    @property
    def shape(self) -> Any:
        """Raise RuntimeError: the shape is not known before the first input."""
        raise RuntimeError(
            "the shape of an uninitialized parameter is not known yet; give the module an input first, "
            "as in net(sc.zeros(1, 1, 28, 28))"
        )

    def materialize(self, shape: tuple[int, ...], dtype: DType | None = None) -> None:
        """Become a `Parameter` of this shape, with undefined values.

        Example
        -------
        >>> weight = nn.UninitializedParameter()
        >>> weight.materialize((2, 3))
        >>> type(weight).__name__, weight.shape
        ('Parameter', swiftconv.Size([2, 3]))
        """
        self.data = _core.empty(tuple(shape), 4 if dtype is None else dtype.code)
        self.__class__ = Parameter

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> UninitializedParameter:
        if id(self) not in memo:
            memo[id(self)] = UninitializedParameter(self.requires_grad)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: int) -> tuple[Any, ...]:
        return UninitializedParameter, (self.requires_grad,)


class UninitializedBuffer(Tensor):
    """A buffer of a lazy module before its first input; it becomes a `Tensor` by `materialize`.

    Example
    -------
    >>> nn.LazyBatchNorm1d().running_mean
    <UninitializedBuffer>
    """

    __slots__ = ()

    def __new__(cls) -> UninitializedBuffer:
        return _core.rewrap(cls, _core.empty((0,), 4), True)

    shape = UninitializedParameter.shape

    def materialize(self, shape: tuple[int, ...], dtype: DType | None = None) -> None:
        """Become a `Tensor` of this shape, with undefined values.

        Example
        -------
        >>> mean = nn.UninitializedBuffer()
        >>> mean.materialize((3,))
        >>> type(mean).__name__, mean.shape
        ('Tensor', swiftconv.Size([3]))
        """
        self.data = _core.empty(tuple(shape), 4 if dtype is None else dtype.code)
        self.__class__ = Tensor

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> UninitializedBuffer:
        if id(self) not in memo:
            memo[id(self)] = UninitializedBuffer()
        return memo[id(self)]

    def __reduce_ex__(self, protocol: int) -> tuple[Any, ...]:
        return UninitializedBuffer, ()


def dtype_on(device: Any, dtype: Any) -> DType:
    """Return the dtype of a new module's parameters, float32 if None; raises RuntimeError for another device."""
    check_device(device)
    return float32 if dtype is None else to_dtype(dtype)


def is_lazy(value: Any) -> bool:
    """Tell whether something is a parameter or buffer without a shape."""
    return isinstance(value, (UninitializedParameter, UninitializedBuffer))


def clear_gradient(parameter: Tensor, set_to_none: bool) -> None:
    """Forget a gradient, or set it to zero."""
    if set_to_none:
        parameter.grad = None
        return
    gradient = parameter.grad
    if gradient is None:
        return
    if gradient.requires_grad:
        # Left by a backward pass that was recorded itself.
        parameter.grad = gradient = gradient.detach()
    gradient.zero_()


def _rebuilt(array: Any, requires_grad: bool) -> Parameter:
    return Parameter(_core.from_buffer(array), requires_grad)
