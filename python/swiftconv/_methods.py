"""Methods of tensors that are not functions as well: other spellings of shapes, conversions, and memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from . import _core, _dtype, autograd
from ._arguments import normal_axis, sizes
from ._core import apply, operators
from ._device import check_device
from ._device import device as Device

if TYPE_CHECKING:
    from .tensor import Tensor

    DType = _dtype.dtype

_RESHAPE = operators["reshape"]
_VIEW = operators["view"]
_PERMUTE = operators["permute"]
_EXPAND = operators["expand"]
_FLIP = operators["flip"]
_CAST = operators["cast"]
_CLONE = operators["clone"]
_CONTIGUOUS = operators["contiguous"]
_WHERE = operators["where"]

# ---- Shapes ----------------------------------------------------------------------------------------------------------


def reshape(self: Tensor, *shape: int | Sequence[int]) -> Tensor:
    """Return the elements in another shape, given as several numbers or one sequence; see `swiftconv.reshape`.

    Example
    -------
    >>> sc.arange(4).reshape(2, -1)
    tensor([[0, 1],
            [2, 3]])
    """
    return apply(_RESHAPE, self, sizes(shape, "reshape"))


def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """Return the elements in the shape of another tensor."""
    return apply(_RESHAPE, self, tuple(other.shape))


def view(self: Tensor, *shape: int | Sequence[int]) -> Tensor:
    """Return a view in another shape.

    Raises
    ------
    ValueError
        When the memory's layout does not allow a view; `reshape` copies then.

    Example
    -------
    >>> sc.arange(4).view(2, 2)
    tensor([[0, 1],
            [2, 3]])
    """
    return apply(_VIEW, self, sizes(shape, "view"))


def view_as(self: Tensor, other: Tensor) -> Tensor:
    """Return a view in the shape of another tensor."""
    return apply(_VIEW, self, tuple(other.shape))


def permute(self: Tensor, *dims: int | Sequence[int]) -> Tensor:
    """Return a view with the axes in another order; see `swiftconv.permute`."""
    return apply(_PERMUTE, self, sizes(dims, "permute"))


def expand(self: Tensor, *size: int | Sequence[int]) -> Tensor:
    """Return a view that repeats axes of size 1 without a copy; -1 leaves an axis as it is.

    Example
    -------
    >>> sc.tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return apply(_EXPAND, self, sizes(size, "expand"))


def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """Return a view expanded to the shape of another tensor."""
    return apply(_EXPAND, self, tuple(other.shape))


def repeat(self: Tensor, *repeats: int | Sequence[int]) -> Tensor:
    """Return copies of the tensor side by side, as many along each axis as given.

    Example
    -------
    >>> sc.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    from .ops import tile

    counts = sizes(repeats, "repeat")
    if len(counts) < self.ndim:
        raise ValueError(f"repeat: {len(counts)} numbers for a tensor with {self.ndim} axes; give one for each")
    return tile(self, counts)


def tile(self: Tensor, *dims: int | Sequence[int]) -> Tensor:
    """Return copies of the tensor side by side; axes that are left out are the first ones. See `swiftconv.tile`."""
    from .ops import tile

    return tile(self, sizes(dims, "tile"))


def flip(self: Tensor, *dims: int | Sequence[int]) -> Tensor:
    """Return the elements in reverse order along some axes; see `swiftconv.flip`."""
    return apply(_FLIP, self, sizes(dims, "flip"))


def unflatten(self: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Return the elements with one axis split into several.

    Example
    -------
    >>> sc.zeros(6).unflatten(0, (2, 3)).shape
    swiftconv.Size([2, 3])
    """
    axis = normal_axis(dim, self.ndim, "unflatten")
    return apply(_RESHAPE, self, (*self.shape[:axis], *sizes, *self.shape[axis + 1 :]))


def size(self: Tensor, dim: int | None = None) -> Any:
    """Return the shape, or the size of one axis."""
    return self.shape if dim is None else self.shape[normal_axis(dim, self.ndim, "size")]


def stride(self: Tensor, dim: int | None = None) -> Any:
    """Return the distances between neighbours along the axes, in elements; or the one of an axis."""
    return self.strides_ if dim is None else self.strides_[normal_axis(dim, self.ndim, "stride")]


def dim(self: Tensor) -> int:
    """Return the number of axes."""
    return self.ndim


def where(self: Tensor, condition: Tensor, other: Tensor | float) -> Tensor:
    """Return the tensor's elements where the condition holds, and those of `other` elsewhere."""
    return apply(_WHERE, condition, self, other)


# ---- Conversions -----------------------------------------------------------------------------------------------------


def to(
    self: Tensor, *args: Any, dtype: DType | None = None, device: Any = None, copy: bool = False, **_: Any
) -> Tensor:
    """Return the tensor in another dtype or on another device; itself when nothing changes.

    Parameters
    ----------
    *args : dtype, device, str or Tensor
        What to convert to; a tensor stands for its dtype.
    copy : bool
        Copy also when nothing changes.

    Raises
    ------
    RuntimeError
        For any device but the CPU.

    Example
    -------
    >>> sc.tensor([1.7, -1.7]).to(sc.int64)
    tensor([ 1, -1])
    """
    for each in args:
        if isinstance(each, _core.TensorBase):
            dtype = each.dtype
        elif isinstance(each, (str, Device)):
            device = each
        elif not isinstance(each, bool) and each is not None:
            dtype = each
    check_device(device)
    wanted = self.dtype if dtype is None else _dtype.to_dtype(dtype)
    if wanted is not self.dtype:
        return apply(_CAST, self, wanted.code)
    return apply(_CLONE, self) if copy else self


def as_type(self: Tensor, dtype: DType | None = None) -> Any:
    """Return the tensor in another dtype; without an argument, the name of the tensor's type."""
    if dtype is None:
        name = str(self.dtype).rpartition(".")[2]
        names = {
            "float32": "Float",
            "float64": "Double",
            "int64": "Long",
            "int32": "Int",
            "uint8": "Byte",
            "bool": "Bool",
        }
        return f"swiftconv.{names[name]}Tensor"
    return to(self, dtype)


def type_as(self: Tensor, other: Tensor) -> Tensor:
    """Return the tensor in the dtype of another one."""
    return to(self, other.dtype)


def as_float(self: Tensor) -> Tensor:
    """Return the tensor in float32."""
    return to(self, _dtype.float32)


def half(self: Tensor) -> Tensor:
    """Raise TypeError: there is no 16-bit floating point here.

    Raises
    ------
    TypeError
        Always.

    Example
    -------
    >>> sc.ones(2).half()
    Traceback (most recent call last):
    TypeError: half: float16 is not supported; use float32 (.float()) or float64 (.double())
    """
    raise TypeError("half: float16 is not supported; use float32 (.float()) or float64 (.double())")


def double(self: Tensor) -> Tensor:
    """Return the tensor in float64."""
    return to(self, _dtype.float64)


def as_int(self: Tensor) -> Tensor:
    """Return the tensor in int32."""
    return to(self, _dtype.int32)


def long(self: Tensor) -> Tensor:
    """Return the tensor in int64."""
    return to(self, _dtype.int64)


def byte(self: Tensor) -> Tensor:
    """Return the tensor in uint8."""
    return to(self, _dtype.uint8)


def as_bool(self: Tensor) -> Tensor:
    """Return whether each element is nonzero, in dtype bool."""
    return to(self, _dtype.bool)


def cpu(self: Tensor) -> Tensor:
    """Return the tensor itself: it lives on the CPU."""
    return self


def cuda(self: Tensor, device: Any = None) -> Tensor:
    """Raise RuntimeError: there are no graphics cards here."""
    raise RuntimeError("cuda: swiftconv computes on the CPU; leave the call out, or use .to('cpu')")


def is_floating_point(self: Tensor) -> bool:
    """Tell whether the dtype is a floating-point one."""
    return self.dtype.is_floating_point


def tolist(self: Tensor) -> Any:
    """Return the elements as nested lists of Python numbers; one number for a tensor without axes."""
    return self.detach().numpy().tolist()


def numpy_array(self: Tensor, *, force: bool = False) -> numpy.ndarray:
    """Return an array on the tensor's memory: a change of one shows in the other.

    Parameters
    ----------
    force : bool
        Leave the graph behind instead of raising.

    Raises
    ------
    RuntimeError
        When the tensor requires grad, as changes through the array could not be recorded.

    Example
    -------
    >>> x = sc.zeros(2)
    >>> x.numpy()[0] = 5
    >>> x
    tensor([5., 0.])
    """
    if self.requires_grad:
        if not force:
            raise RuntimeError("Can't call numpy() on a tensor that requires grad; use tensor.detach().numpy()")
        self = self.detach()
    return numpy.asarray(memoryview(self))


# ---- Memory ----------------------------------------------------------------------------------------------------------


def contiguous(self: Tensor) -> Tensor:
    """Return the tensor with its elements one after the other in memory: itself, or a copy."""
    return apply(_CONTIGUOUS, self)


def is_contiguous(self: Tensor) -> bool:
    """Tell whether the elements lie one after the other in memory, the last axis fastest."""
    return self.is_contiguous_


def data_ptr(self: Tensor) -> Any:
    """Return the address of the first element."""
    return self._data_ptr


def element_size(self: Tensor) -> Any:
    """Return the bytes per element."""
    return self.dtype.itemsize


def dlpack_device(self: Tensor) -> tuple[Any, Any]:
    """Return DLPack's code for the CPU."""
    return (1, 0)


def dlpack(
    self: Tensor, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
) -> Any:
    """Return a DLPack capsule, with which another library takes the tensor over without a copy.

    Raises
    ------
    BufferError
        When the tensor requires grad or is read-only, or when another device than the CPU is wanted.
    """
    if dl_device is not None and tuple(dl_device) != (1, 0):
        raise BufferError(f"__dlpack__: the tensor is on the CPU and cannot be exported to device {tuple(dl_device)}")
    return _core.to_dlpack(apply(_CLONE, self.detach()) if copy and not self.requires_grad else self)


# ---- New tensors like this one ---------------------------------------------------------------------------------------


def new_tensor(self: Tensor, data: Any, *, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `swiftconv.tensor` of the data, in this tensor's dtype."""
    from .conversion import tensor

    return tensor(data, dtype=dtype or self.dtype, requires_grad=requires_grad)


def new_empty(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `swiftconv.empty` in this tensor's dtype."""
    from .creation import empty

    return empty(*size, dtype=dtype or self.dtype, requires_grad=requires_grad)


def new_zeros(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `swiftconv.zeros` in this tensor's dtype."""
    from .creation import zeros

    return zeros(*size, dtype=dtype or self.dtype, requires_grad=requires_grad)


def new_ones(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `swiftconv.ones` in this tensor's dtype."""
    from .creation import ones

    return ones(*size, dtype=dtype or self.dtype, requires_grad=requires_grad)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: DType | None = None, requires_grad: bool = False
) -> Tensor:
    """Return `swiftconv.full` in this tensor's dtype."""
    from .creation import full

    return full(size, fill_value, dtype=dtype or self.dtype, requires_grad=requires_grad)


# ---- Autodiff --------------------------------------------------------------------------------------------------------


def backward(
    self: Tensor, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False
) -> None:
    """Add the gradients of this tensor to the ``grad`` of the leaves it was computed from.

    Parameters
    ----------
    gradient : Tensor, optional
        The gradient of this tensor, in its shape; may be left out when the tensor has one element.
    retain_graph, create_graph
        As for `swiftconv.autograd.backward`.

    Raises
    ------
    RuntimeError
        As for `swiftconv.autograd.backward`.

    Source
    ------
    Dive into Deep Learning, section 2.5.

    Example
    -------
    >>> x = sc.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).backward(sc.ones_like(x))
    >>> x.grad
    tensor([2., 4.])
    """
    autograd.backward((self,), None if gradient is None else (gradient,), retain_graph, create_graph)


def iterate(self: Tensor) -> Iterator[Tensor]:
    """Return an iterator over views of the entries along the first axis."""
    if self.ndim == 0:
        raise TypeError("iteration over a 0-d tensor")
    return iter([self[place] for place in range(len(self))])
