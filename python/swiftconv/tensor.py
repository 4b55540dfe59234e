"""The tensor."""

from __future__ import annotations

import builtins
from typing import Any

import numpy

from . import _conversion_methods, _core, _dtype, _in_place, _methods, _numpy_protocol, ops
from ._device import CPU
from ._device import device as Device
from ._format import tensor_repr
from ._size import Size
from .autograd.hooks import register_hook
from .ops.indexing import advanced_assign, advanced_index


class Tensor(_core.TensorBase):
    """An n-dimensional array of one dtype that can take part in automatic differentiation.

    Tensors are made by `tensor`, `zeros`, `rand` and the like, or on the memory of an array by `from_numpy`. All
    arithmetic, comparison and indexing works as in PyTorch; ``numpy()`` gives an array on the tensor's memory.

    Attributes
    ----------
    shape : Size
        The sizes.
    dtype : dtype
        The type of the elements.
    ndim : int
        The number of axes.
    requires_grad : bool
        Whether operations on the tensor are recorded. Can be set on leaves.
    grad : Tensor or None
        The gradient that `backward` has accumulated. Can be set.
    is_leaf : bool
        Whether no recorded operation made the tensor.
    data : Tensor
        The same memory outside of any graph; writing through it goes unnoticed. Can be set, to other memory.

    Example
    -------
    >>> x = sc.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ("__weakref__",)

    __array_ufunc__ = _numpy_protocol.array_ufunc
    __array_function__ = _numpy_protocol.array_function
    __array_interface__ = property(_numpy_protocol.array_interface)

    def __new__(cls, data: Any = (), *, dtype: _dtype.dtype | None = None) -> Tensor:
        """Return the data as a float32 tensor; `tensor` keeps its dtype."""
        from .conversion import tensor

        return tensor(data, dtype=dtype or _dtype.float32)

    # Exponential
    erf = ops.erf
    exp = ops.exp
    expm1 = ops.expm1
    log = ops.log
    log10 = ops.log10
    log1p = ops.log1p
    log2 = ops.log2
    reciprocal = ops.reciprocal
    rsqrt = ops.rsqrt
    sqrt = ops.sqrt
    square = ops.square

    # Trigonometry
    acos = ops.acos
    arccos = ops.arccos
    arcsin = ops.arcsin
    arctan = ops.arctan
    asin = ops.asin
    atan = ops.atan
    cos = ops.cos
    cosh = ops.cosh
    sin = ops.sin
    sinh = ops.sinh
    tan = ops.tan
    tanh = ops.tanh

    # Rounding
    abs = ops.abs
    absolute = ops.absolute
    bitwise_not = ops.bitwise_not
    ceil = ops.ceil
    fix = ops.fix
    floor = ops.floor
    isfinite = ops.isfinite
    isinf = ops.isinf
    isnan = ops.isnan
    logical_not = ops.logical_not
    neg = ops.neg
    negative = ops.negative
    round = ops.round
    sign = ops.sign
    trunc = ops.trunc

    # Activation
    softmax = ops.softmax
    log_softmax = ops.log_softmax
    relu = ops.relu
    sigmoid = ops.sigmoid

    # Arithmetic
    add = ops.add
    arctan2 = ops.arctan2
    atan2 = ops.atan2
    bitwise_and = ops.bitwise_and
    bitwise_or = ops.bitwise_or
    bitwise_xor = ops.bitwise_xor
    clamp = ops.clamp
    clip = ops.clip
    div = ops.div
    divide = ops.divide
    floor_divide = ops.floor_divide
    fmod = ops.fmod
    logical_and = ops.logical_and
    logical_or = ops.logical_or
    logical_xor = ops.logical_xor
    maximum = ops.maximum
    minimum = ops.minimum
    mul = ops.mul
    multiply = ops.multiply
    pow = ops.pow
    remainder = ops.remainder
    sub = ops.sub
    subtract = ops.subtract
    true_divide = ops.true_divide

    # Comparison
    allclose = ops.allclose
    eq = ops.eq
    equal = ops.equal
    ge = ops.ge
    greater = ops.greater
    greater_equal = ops.greater_equal
    gt = ops.gt
    isclose = ops.isclose
    le = ops.le
    less = ops.less
    less_equal = ops.less_equal
    lt = ops.lt
    ne = ops.ne
    not_equal = ops.not_equal

    # Reduction
    all = ops.all
    amax = ops.amax
    amin = ops.amin
    any = ops.any
    argmax = ops.argmax
    argmin = ops.argmin
    count_nonzero = ops.count_nonzero
    cumprod = ops.cumprod
    cumsum = ops.cumsum
    logsumexp = ops.logsumexp
    max = ops.max
    mean = ops.mean
    min = ops.min
    prod = ops.prod
    std = ops.std
    sum = ops.sum
    var = ops.var

    # Linalg
    bmm = ops.bmm
    dot = ops.dot
    inner = ops.inner
    matmul = ops.matmul
    mm = ops.mm
    mv = ops.mv
    norm = ops.norm
    outer = ops.outer

    # Joining
    chunk = ops.chunk
    split = ops.split
    unbind = ops.unbind

    # Sorting
    argsort = ops.argsort
    sort = ops.sort
    topk = ops.topk

    # Indexing
    gather = ops.gather
    index_select = ops.index_select
    masked_fill = ops.masked_fill
    masked_select = ops.masked_select
    nonzero = ops.nonzero
    take_along_dim = ops.take_along_dim
    tril = ops.tril
    triu = ops.triu

    # Shape
    clone = ops.clone
    diagonal = ops.diagonal
    flatten = ops.flatten
    movedim = ops.movedim
    narrow = ops.narrow
    ravel = ops.ravel
    roll = ops.roll
    select = ops.select
    squeeze = ops.squeeze
    swapaxes = ops.swapaxes
    t = ops.t
    transpose = ops.transpose
    unsqueeze = ops.unsqueeze

    # In place
    abs_ = _in_place.abs_
    absolute_ = _in_place.absolute_
    acos_ = _in_place.acos_
    add_ = _in_place.add_
    asin_ = _in_place.asin_
    atan2_ = _in_place.atan2_
    atan_ = _in_place.atan_
    bitwise_and_ = _in_place.bitwise_and_
    bitwise_not_ = _in_place.bitwise_not_
    bitwise_or_ = _in_place.bitwise_or_
    bitwise_xor_ = _in_place.bitwise_xor_
    ceil_ = _in_place.ceil_
    clamp_ = _in_place.clamp_
    clip_ = _in_place.clip_
    copy_ = _in_place.copy_
    cos_ = _in_place.cos_
    cosh_ = _in_place.cosh_
    div_ = _in_place.div_
    divide_ = _in_place.divide_
    eq_ = _in_place.eq_
    erf_ = _in_place.erf_
    exp_ = _in_place.exp_
    expm1_ = _in_place.expm1_
    fill_ = _in_place.fill_
    floor_ = _in_place.floor_
    floor_divide_ = _in_place.floor_divide_
    ge_ = _in_place.ge_
    gt_ = _in_place.gt_
    index_put_ = _in_place.index_put_
    le_ = _in_place.le_
    log10_ = _in_place.log10_
    log1p_ = _in_place.log1p_
    log2_ = _in_place.log2_
    log_ = _in_place.log_
    logical_not_ = _in_place.logical_not_
    lt_ = _in_place.lt_
    masked_fill_ = _in_place.masked_fill_
    mul_ = _in_place.mul_
    multiply_ = _in_place.multiply_
    ne_ = _in_place.ne_
    neg_ = _in_place.neg_
    negative_ = _in_place.negative_
    normal_ = _in_place.normal_
    pow_ = _in_place.pow_
    reciprocal_ = _in_place.reciprocal_
    relu_ = _in_place.relu_
    remainder_ = _in_place.remainder_
    requires_grad_ = _in_place.requires_grad_
    round_ = _in_place.round_
    rsqrt_ = _in_place.rsqrt_
    sigmoid_ = _in_place.sigmoid_
    sign_ = _in_place.sign_
    sin_ = _in_place.sin_
    sinh_ = _in_place.sinh_
    sqrt_ = _in_place.sqrt_
    square_ = _in_place.square_
    sub_ = _in_place.sub_
    subtract_ = _in_place.subtract_
    tan_ = _in_place.tan_
    tanh_ = _in_place.tanh_
    trunc_ = _in_place.trunc_
    uniform_ = _in_place.uniform_
    zero_ = _in_place.zero_

    # Conversions, memory and what else only tensors can
    backward = _methods.backward
    byte = _conversion_methods.byte
    bool = _conversion_methods.as_bool
    contiguous = _conversion_methods.contiguous
    cpu = _conversion_methods.cpu
    cuda = _conversion_methods.cuda
    data_ptr = _conversion_methods.data_ptr
    dim = _methods.dim
    double = _conversion_methods.double
    half = _conversion_methods.half
    element_size = _conversion_methods.element_size
    expand = _methods.expand
    broadcast_to = _methods.expand
    expand_as = _methods.expand_as
    flip = _methods.flip
    float = _conversion_methods.as_float
    int = _conversion_methods.as_int
    is_contiguous = _conversion_methods.is_contiguous
    is_floating_point = _conversion_methods.is_floating_point
    long = _conversion_methods.long
    ndimension = _methods.dim
    nelement = _core.TensorBase.numel
    new_empty = _methods.new_empty
    new_full = _methods.new_full
    new_ones = _methods.new_ones
    new_tensor = _methods.new_tensor
    new_zeros = _methods.new_zeros
    numpy = _conversion_methods.numpy_array
    permute = _methods.permute
    register_hook = register_hook
    repeat = _methods.repeat
    reshape = _methods.reshape
    reshape_as = _methods.reshape_as
    size = _methods.size
    stride = _methods.stride
    tile = _methods.tile
    to = _conversion_methods.to
    tobytes = _conversion_methods.tobytes
    tolist = _conversion_methods.tolist
    type = _conversion_methods.as_type
    type_as = _conversion_methods.type_as
    unflatten = _methods.unflatten
    view = _methods.view
    view_as = _methods.view_as
    where = _methods.where
    __dlpack__ = _conversion_methods.dlpack
    __dlpack_device__ = _conversion_methods.dlpack_device
    __iter__ = _methods.iterate

    @property
    def device(self) -> Device:
        """Where the tensor lives: the CPU.

        Example
        -------
        >>> sc.zeros(2).device
        device(type='cpu')
        """
        return CPU

    @property
    def is_cuda(self) -> builtins.bool:
        """False: the tensor lives on the CPU.

        Example
        -------
        >>> sc.zeros(2).is_cuda
        False
        """
        return False

    @property
    def T(self) -> Tensor:
        """A view with the axes in reverse order.

        Example
        -------
        >>> sc.zeros(2, 3, 4).T.shape
        swiftconv.Size([4, 3, 2])
        """
        return ops.permute(self, tuple(range(self.ndim))[::-1])

    @property
    def mT(self) -> Tensor:
        """A view with the last two axes exchanged.

        Example
        -------
        >>> sc.zeros(2, 3, 4).mT.shape
        swiftconv.Size([2, 4, 3])
        """
        return ops.transpose(self, -1, -2)

    @property
    def nbytes(self) -> builtins.int:
        """The bytes of all elements.

        Example
        -------
        >>> sc.zeros(2, 3).nbytes
        24
        """
        return self.numel() * self.dtype.itemsize

    @property
    def itemsize(self) -> builtins.int:
        """The bytes of one element.

        Example
        -------
        >>> sc.zeros(2, dtype=sc.float64).itemsize
        8
        """
        return self.dtype.itemsize

    @property
    def grad_fn(self) -> GradFn | None:
        """The recorded operation that made the tensor; None for leaves.

        Example
        -------
        >>> x = sc.ones(2, requires_grad=True)
        >>> x.grad_fn, (x * 2).grad_fn
        (None, <MulBackward0>)
        """
        name = self._grad_fn_name
        return None if name is None else GradFn(name)

    def __array__(self, dtype: Any = None, copy: builtins.bool | None = None) -> numpy.ndarray:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            if copy is False:
                raise ValueError(f"__array__: {self.dtype} cannot become {numpy.dtype(dtype)} without a copy")
            return array.astype(dtype)
        return array.copy() if copy else array

    def __contains__(self, element: Any) -> builtins.bool:
        found = self == element
        if not isinstance(found, Tensor):
            raise TypeError(f"in: a tensor holds numbers, got {type(element).__name__}")
        return found.any().item()

    def __repr__(self) -> str:
        return tensor_repr(self)

    def __format__(self, specification: str) -> str:
        if self.ndim == 0:
            return format(self.item(), specification)
        if specification:
            raise TypeError(
                f"a tensor of shape {tuple(self.shape)} cannot be formatted as {specification!r}; only tensors without "
                "axes can, such as t.sum() or t[0, 0]"
            )
        return repr(self)

    def __copy__(self) -> Tensor:
        return self.detach().requires_grad_(self.requires_grad)

    def __deepcopy__(self, memo: dict[builtins.int, Any]) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError("deepcopy: only leaves can be copied with their graph; use detach() or clone()")
        if id(self) not in memo:
            memo[id(self)] = result = self.detach().clone().requires_grad_(self.requires_grad)
            if self.grad is not None:
                result.grad = self.grad.detach().clone()
        return memo[id(self)]

    def __reduce_ex__(self, protocol: builtins.int) -> tuple[Any, ...]:
        return _rebuilt, (self.detach().numpy(), self.requires_grad)


class GradFn:
    """What ``Tensor.grad_fn`` gives: the name of a recorded operation."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        """Return the operation's name, such as "MulBackward0"."""
        return self._name

    def __repr__(self) -> str:
        return f"<{self._name}>"


def _rebuilt(array: numpy.ndarray, requires_grad: bool) -> Tensor:
    """A tensor from what was pickled of one."""
    return _core.from_buffer(array).requires_grad_(requires_grad)


def is_tensor(value: Any) -> bool:
    """Tell whether something is a tensor.

    Example
    -------
    >>> sc.is_tensor(sc.zeros(2)), sc.is_tensor([0, 0])
    (True, False)
    """
    return isinstance(value, Tensor)


_core.register(
    tensor_type=Tensor,
    size_type=Size,
    dtypes=_dtype.ALL,
    advanced_index=advanced_index,
    advanced_assign=advanced_assign,
)
