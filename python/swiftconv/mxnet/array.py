"""The framework's array, ``mxnet.numpy.ndarray``: a handle to a tensor of swiftconv."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy

from .. import _core, creation, ops
from ..tensor import Tensor
from . import _indexing, autograd, context
from ._methods import binary, in_place, position, reduction, unary, view_of
from ._text import representation
from ._values import as_dtype, as_tensor, finish, register, unwrap, wrap
from .autograd import run
from .base import MXNetError

_IN_PLACE_REFUSED = (
    "Inplace operations (+=, -=, x[:]=, etc) are not supported when recording with autograd. "
    "Compute a new array instead, or write outside of record()."
)


class ndarray:
    """An n-dimensional array of the framework, float32 unless told otherwise.

    Arrays are made by ``np.array``, ``np.zeros`` and the like. They behave as NumPy's; ``attach_grad()``,
    ``autograd.record()`` and ``backward()`` differentiate.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> x = np.array([[1, 2], [3, 4]])
    >>> x * x
    array([[ 1.,  4.],
           [ 9., 16.]])
    """

    __slots__ = ("__weakref__", "_fresh", "_grad", "_place", "_request", "_value")

    # NumPy's operators leave mixed expressions to this class.
    __array_ufunc__ = None
    __array_priority__ = 1000.0

    _value: Tensor

    def __new__(cls, shape: Any = None, dtype: Any = None, ctx: Any = None) -> ndarray:
        self = super().__new__(cls)
        self._grad = None
        self._request = None
        self._fresh = False
        self._place = context.cpu()
        if shape is not None:
            context.check(ctx)
            self._value = creation.zeros(shape, dtype=as_dtype(dtype))
        return self

    # ---- What it is --------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes."""
        return tuple(self._value.shape)

    @property
    def dtype(self) -> Any:
        """The type of the elements, as NumPy's dtype."""
        return self._value.dtype.numpy_dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._value.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._value.numel()

    @property
    def itemsize(self) -> int:
        """The bytes of one element."""
        return self._value.itemsize

    @property
    def ctx(self) -> context.Context:
        """Where the array lives: the CPU, or its memory that worker processes of a loader share."""
        return self._place

    context = ctx

    @property
    def stype(self) -> str:
        """The kind of storage: dense."""
        return "default"

    @property
    def T(self) -> ndarray:
        """The array with its axes in reverse order."""
        return self.transpose()

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __hash__(self) -> int:
        return id(self) // 16

    # ---- Gradients ---------------------------------------------------------------------------------------------------

    def attach_grad(self, grad_req: str = "write", stype: str | None = None) -> None:
        """Ask for a gradient, which `backward` writes into ``grad``; "add" adds up, "null" takes the wish back."""
        if grad_req not in ("write", "add", "null"):
            raise ValueError(f"attach_grad: grad_req is {grad_req!r}, expected 'write', 'add' or 'null'")
        self._value = self._value.detach()
        self._value.requires_grad = grad_req != "null"
        self._grad = None
        self._request = grad_req
        autograd.attach(self)

    @property
    def grad(self) -> ndarray | None:
        """The gradient of the last `backward`; zeros before, None without `attach_grad`."""
        if self._grad is None and self._request not in (None, "null"):
            self._grad = wrap(creation.zeros(self.shape, dtype=self._value.dtype))
        return self._grad

    def _receive(self, gradient: Tensor) -> None:
        """Take what `backward` has computed."""
        self._fresh = True
        held = self.grad
        if held is None:
            return
        gradient = gradient.detach()
        held._value = held._value + gradient if self._request == "add" else gradient

    def backward(self, out_grad: Any = None, retain_graph: bool = False, train_mode: bool = True) -> None:
        """Compute gradients from here; `out_grad` is ones if not given. See `autograd.backward`."""
        autograd.backward([self], None if out_grad is None else [out_grad], retain_graph, train_mode)

    def detach(self) -> ndarray:
        """Return the same memory, outside of any graph."""
        return wrap(self._value.detach())

    def _check_writable(self) -> None:
        if autograd.is_recording() and self._value.requires_grad:
            raise MXNetError(_IN_PLACE_REFUSED)

    # ---- Elements ----------------------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> ndarray:
        _indexing.check(key)
        value, is_view = run(_indexing.pick, self._value, key)
        found = wrap(value)
        if is_view:
            found._place = self._place
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        self._check_writable()
        if isinstance(value, (list, tuple)):
            value = wrap(as_tensor(value))
        if isinstance(key, slice) and key == slice(None) and self.ndim == 0:
            key = ...
        _indexing.check(key)
        run(_indexing.put, self._value, key, unwrap(value))

    def __iter__(self) -> Iterator[ndarray]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).any())

    def item(self, *place: int) -> Any:
        """Return the one element, or the element at a place, as a Python number."""
        return self.asnumpy().item(*place)

    asscalar = item

    def tolist(self) -> Any:
        """Return nested lists of Python numbers."""
        return self._value.detach().tolist()

    def asnumpy(self) -> numpy.ndarray:
        """Return a copy as NumPy's array."""
        return self._value.detach().numpy().copy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> numpy.ndarray:
        array = self.asnumpy()
        return array if dtype is None else array.astype(dtype)

    def __float__(self) -> float:
        return float(self._single())

    def __int__(self) -> int:
        return int(self._single())

    def __index__(self) -> int:
        if self._value.dtype.is_floating_point:
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return int(self._single())

    def __bool__(self) -> bool:
        if self.size == 0:
            return False
        if self.size > 1:
            raise ValueError("The truth value of an ndarray with multiple elements is ambiguous.")
        return bool(self.item())

    def _single(self) -> Any:
        if self.size != 1:
            raise TypeError("only size-1 arrays can be converted to Python scalars")
        return self.item()

    # ---- Operators ---------------------------------------------------------------------------------------------------

    __add__ = __radd__ = binary(operator.add)
    __sub__ = binary(operator.sub)
    __rsub__ = binary(operator.sub, reflected=True)
    __mul__ = __rmul__ = binary(operator.mul)
    __truediv__ = binary(operator.truediv)
    __rtruediv__ = binary(operator.truediv, reflected=True)
    __floordiv__ = binary(operator.floordiv)
    __mod__ = binary(operator.mod)
    __rmod__ = binary(operator.mod, reflected=True)
    __pow__ = binary(operator.pow)
    __rpow__ = binary(operator.pow, reflected=True)
    __eq__ = binary(operator.eq)  # type: ignore[assignment]
    __ne__ = binary(operator.ne)  # type: ignore[assignment]
    __lt__ = binary(operator.lt)
    __le__ = binary(operator.le)
    __gt__ = binary(operator.gt)
    __ge__ = binary(operator.ge)
    __and__ = binary(operator.and_)
    __or__ = binary(operator.or_)
    __xor__ = binary(operator.xor)
    __iadd__ = in_place(operator.iadd)
    __isub__ = in_place(operator.isub)
    __imul__ = in_place(operator.imul)
    __itruediv__ = in_place(operator.itruediv)
    __ipow__ = in_place(operator.ipow)
    __neg__ = unary(operator.neg, "The negative.")
    __abs__ = unary(ops.abs, "The absolute values.")
    __invert__ = unary(operator.invert, "Not, element by element.")
    abs = unary(ops.abs, "Return the absolute values.")
    exp = unary(ops.exp, "Return the exponentials.")
    log = unary(ops.log, "Return the natural logarithms.")
    sqrt = unary(ops.sqrt, "Return the square roots.")
    square = unary(ops.square, "Return the squares.")
    sign = unary(ops.sign, "Return the signs.")
    tanh = unary(ops.tanh, "Return the hyperbolic tangents.")
    sigmoid = unary(ops.sigmoid, "Return the logistic function.")
    relu = unary(ops.relu, "Return the positive parts.")

    def __matmul__(self, other: ndarray) -> ndarray:
        return wrap(run(ops.matmul, self._value, unwrap(other)))

    # ---- Reductions --------------------------------------------------------------------------------------------------

    sum = reduction(ops.sum, "Return the sum over some or all axes.")
    mean = reduction(ops.mean, "Return the mean over some or all axes.")
    prod = reduction(ops.prod, "Return the product over some or all axes.")
    max = reduction(ops.amax, "Return the largest element over some or all axes.")
    min = reduction(ops.amin, "Return the smallest element over some or all axes.")
    std = reduction(ops.std, "Return the standard deviation over some or all axes.", correction=0)
    var = reduction(ops.var, "Return the variance over some or all axes.", correction=0)
    any = reduction(ops.any, "Tell whether any element is true.")
    all = reduction(ops.all, "Tell whether all elements are true.")
    argmax = position(ops.argmax, "Return the places of the largest elements.")
    argmin = position(ops.argmin, "Return the places of the smallest elements.")

    def cumsum(self, axis: int | None = None, dtype: Any = None, out: Any = None) -> ndarray:
        """Return the running sums along an axis, or of all elements in a row."""
        value = self if axis is not None else self.reshape(-1)
        value = value if dtype is None else value.astype(dtype)
        return finish(wrap(run(ops.cumsum, value._value, dim=axis or 0)), out)

    # ---- Shapes ------------------------------------------------------------------------------------------------------

    def reshape(self, *shape: Any, order: str = "C") -> ndarray:
        """Return the elements in another shape, given as several numbers or a tuple."""
        if order != "C":
            raise NotImplementedError(f"reshape: order is {order!r}, expected 'C'")
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return view_of(ops.reshape, self._value, tuple(int(each) for each in wanted))

    def transpose(self, *axes: Any) -> ndarray:
        """Return the array with its axes in another order; reversed if none is given."""
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
            axes = tuple(axes[0] or ())
        return view_of(ops.permute, self._value, axes or tuple(range(self.ndim))[::-1])

    def swapaxes(self, axis1: int, axis2: int) -> ndarray:
        """Return the array with two axes exchanged."""
        return view_of(ops.transpose, self._value, axis1, axis2)

    def flatten(self, order: str = "C") -> ndarray:
        """Return the elements in a row."""
        return self.reshape(-1, order=order)

    ravel = flatten

    def squeeze(self, axis: Any = None) -> ndarray:
        """Return the array without axes of size 1."""
        return view_of(ops.squeeze, self._value, axis)

    def expand_dims(self, axis: int) -> ndarray:
        """Return the array with a new axis of size 1."""
        return view_of(ops.unsqueeze, self._value, axis)

    def broadcast_to(self, shape: Any) -> ndarray:
        """Return the array in a larger shape."""
        return view_of(ops.broadcast_to, self._value, tuple(shape))

    def tile(self, reps: Any) -> ndarray:
        """Return copies of the array side by side."""
        return wrap(run(ops.tile, self._value, reps if isinstance(reps, (tuple, list)) else (reps,)))

    def clip(self, min: Any = None, max: Any = None, out: Any = None) -> ndarray:
        """Return the elements, none smaller than `min` or larger than `max`."""
        return finish(wrap(run(ops.clamp, self._value, unwrap(min), unwrap(max))), out)

    def round(self, decimals: int = 0, out: Any = None) -> ndarray:
        """Return the elements rounded to whole numbers, or to some decimals."""
        if not decimals:
            return finish(wrap(run(ops.round, self._value)), out)
        factor = 10.0**decimals
        return finish(wrap(run(lambda: ops.round(self._value * factor) / factor)), out)

    def __round__(self, n: int = 0) -> ndarray:
        return self.round(n)

    def dot(self, b: ndarray, out: Any = None) -> ndarray:
        """Return the product of vectors or matrices; see ``np.dot``."""
        from . import numpy as np

        return np.dot(self, b, out)

    # ---- Copies ------------------------------------------------------------------------------------------------------

    def astype(
        self, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
    ) -> Any:
        """Return the elements in another dtype."""
        wanted = as_dtype(dtype)
        if wanted is self._value.dtype:
            return self.copy() if copy else self
        return wrap(run(self._value.to, wanted))

    def copy(self, order: str = "C") -> ndarray:
        """Return a copy in the same place."""
        return self.copyto(self._place)

    def copyto(self, other: Any) -> ndarray:
        """Copy the elements into another array, or return a copy in a context."""
        if isinstance(other, ndarray):
            other[...] = self
            return other
        context.check(other)
        copied = wrap(run(ops.clone, self._value))
        copied._place = other
        return copied

    def as_in_ctx(self, ctx: Any) -> ndarray:
        """Return the array in a context: itself, if it is there."""
        return self if ctx == self._place else self.copyto(ctx)

    as_in_context = as_in_ctx

    def as_np_ndarray(self) -> ndarray:
        """Return the array itself."""
        return self

    def wait_to_read(self) -> None:
        """Do nothing: results are there when an operation returns."""

    def __copy__(self) -> ndarray:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> ndarray:
        result = wrap(self._value.detach().clone())
        if self._request is not None:
            result.attach_grad(self._request)
        return result

    def __reduce__(self) -> Any:
        return _rebuilt, (self.asnumpy(),)

    # ---- Text --------------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return representation(self.asnumpy(), "" if self._place.device_type == "cpu" else str(self._place))

    def __str__(self) -> str:
        text = str(self.asnumpy())
        return text if self._place.device_type == "cpu" or self.ndim == 0 else f"{text} @{self._place}"

    def __format__(self, specification: str) -> str:
        if self.ndim == 0:
            return format(self.item(), specification)
        if specification:
            raise TypeError("Cannot format mxnet.numpy.ndarray with format_spec")
        return str(self)


def _rebuilt(array: numpy.ndarray) -> ndarray:
    return wrap(_core.from_buffer(array))


register(ndarray)
