"""Wrong inputs give an exception that says what is wrong; none of them ends the process."""

import inspect
import textwrap

import numpy as np
import pytest

import swiftconv as sc
from subprocesses import run_python
from swiftconv import nn

F = nn.functional


def big_endian(values):
    return np.array(values).astype(">f4")


def misaligned():
    raw = np.zeros(17, np.uint8)
    return raw[1:].view(np.float64)


def fields():
    return np.zeros(3, dtype=[("a", "f4"), ("b", "f4")])


# Each one is a function, so that it can run in a process of its own too; its exception; what its text must contain.
BAD = [
    # Arrays that cannot be taken.
    (lambda: sc.from_numpy(np.ones(2, np.float16)), TypeError, r"float16.*astype\('float32'\)"),
    (lambda: sc.from_numpy(np.ones(2, np.complex64)), TypeError, "complex"),
    (lambda: sc.from_numpy(np.array([object()])), TypeError, "object"),
    (lambda: sc.from_numpy(np.array(["a"])), TypeError, "text|string|str|unicode|<U1|w"),
    (lambda: sc.from_numpy(big_endian([1.0])), TypeError, "byte"),
    (lambda: sc.from_numpy(np.ones(2, np.int16)), TypeError, r"int16.*astype"),
    (lambda: sc.from_numpy(np.ones(2, np.uint64)), TypeError, r"uint64.*astype"),
    (lambda: sc.from_numpy(misaligned()), TypeError, "misaligned"),
    (lambda: sc.from_numpy(fields()), TypeError, "elements of format"),
    (lambda: sc.from_numpy(np.zeros((1,) * 9)), TypeError, "8 axes"),
    (lambda: sc.from_numpy(np.array(["2020-01-01"], "datetime64[D]")), TypeError, "without a copy|datetime"),
    (lambda: sc.from_numpy([1, 2]), TypeError, "from_numpy: expected a numpy.ndarray, got list"),
    (lambda: sc.corr2d(np.ones((2, 2), np.float16), np.ones((1, 1))), TypeError, r"float16.*astype"),
    (lambda: sc.corr2d("image", np.ones((1, 1))), TypeError, "corr2d: X must be a Tensor or a numpy.ndarray, got str"),
    (
        lambda: sc.corr2d(np.ones((2, 2)), None),
        TypeError,
        "corr2d: K must be a Tensor or a numpy.ndarray, got NoneType",
    ),
    # Data for new tensors.
    (lambda: sc.tensor([[1, 2], [3]]), ValueError, "tensor: the nested lists have different lengths"),
    (lambda: sc.tensor("abc"), TypeError, "tensor: cannot make a tensor of str"),
    (lambda: sc.tensor(None), TypeError, "tensor: "),
    (lambda: sc.tensor([1, "a"]), TypeError, "tensor: "),
    (lambda: sc.tensor([2**70]), ValueError, "tensor: a number in the data does not fit"),
    (lambda: sc.tensor([300], dtype=sc.uint8), ValueError, "tensor: a number in the data does not fit"),
    (lambda: sc.tensor([1j]), TypeError, "tensor: cannot make a tensor of complex"),
    (lambda: sc.tensor([1.0], dtype="float16"), TypeError, "float16.*not a supported|float16 is not supported"),
    (lambda: sc.tensor([1], requires_grad=True), RuntimeError, "only floating-point tensors"),
    (lambda: sc.tensor([1.0], device="cuda"), RuntimeError, "device: 'cuda' is not available"),
    (lambda: sc.zeros(2).cuda(), RuntimeError, "cuda: swiftconv computes on the CPU"),
    (lambda: sc.device("no device"), RuntimeError, "is not a device name"),
    # Sizes.
    (lambda: sc.zeros(-1), ValueError, r"zeros: size \(-1,\) has a negative entry"),
    (lambda: sc.zeros(1.5), TypeError, "zeros: expected whole numbers"),
    (lambda: sc.zeros((1,) * 9), ValueError, "8"),
    (lambda: sc.zeros(2, size=(2,)), TypeError, "zeros: the size is given twice"),
    (lambda: sc.zeros(2**31, 2**31, 2**31), ValueError, "more elements than can be addressed"),
    (lambda: sc.zeros(2**62), (ValueError, MemoryError), None),
    (lambda: sc.zeros(2**46), MemoryError, "cannot allocate memory"),
    (lambda: sc.empty(2**70), ValueError, "64 bits"),
    (lambda: sc.ones(1).expand(2**59).clone(), MemoryError, "clone: cannot allocate memory"),
    (lambda: sc.ones(1).expand(2**62, 2**62), ValueError, "more elements"),
    (lambda: sc.ones(2).reshape(2**63), ValueError, None),
    (lambda: sc.ones(1).expand(2**50) + 1, MemoryError, "add: cannot allocate memory"),
    # The chapter's slips.
    (
        lambda: sc.corr2d(np.ones((2, 3)), np.ones((3, 2))),
        ValueError,
        r"kernel is larger than the image \(X \(2, 3\), K \(3, 2\)\)",
    ),
    (lambda: sc.corr2d(np.ones((4, 4, 3)), np.ones((2, 2))), ValueError, "corr2d: X has rank 3.*for a colour image"),
    (lambda: sc.corr2d(sc.ones(1, 1, 4, 4), sc.ones(2, 2)), ValueError, "corr2d: X has rank 4.*conv2d"),
    (lambda: sc.convolve2d(np.ones((4, 4)), np.ones(2)), ValueError, "convolve2d: K has shape"),
    (lambda: sc.Conv2D((2, 2))(sc.ones(1, 1)), ValueError, "corr2d: the kernel is larger"),
    (lambda: sc.Conv2D((2, 2, 2)), ValueError, "Conv2D: kernel_size: expected one number or 2"),
    (lambda: nn.Conv2d(1, 1, 3)(sc.ones(28, 28)), ValueError, r"conv2d: x has rank 2.*x.reshape\(1, 1, 28, 28\)"),
    (lambda: nn.LazyConv2d(1, 3)(sc.ones(28, 28)), ValueError, "Conv2d: x has rank 2"),
    (lambda: nn.Conv2d(1, 1, 3)(sc.ones(1, 1, 5, 5, dtype=sc.int64)), TypeError, "conv2d: x is int64.*x.float()"),
    (lambda: nn.Conv2d(1, 1, 3)(sc.ones(1, 1, 5, 5).double()), TypeError, "conv2d: x is float64 but weight is float32"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "Conv2d: in_channels=3 must be a multiple of groups=2"),
    (lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"), ValueError, "padding_mode must be .* got 'mirror'"),
    (lambda: nn.Conv2d(1, 1, 3, padding="some"), ValueError, "Conv2d: padding must be"),
    (lambda: nn.Conv2d(1, 1, 3, stride=2, padding="same"), ValueError, "Conv2d: padding='same' needs stride 1"),
    (lambda: nn.Conv2d(1, 1, 0), ValueError, "Conv2d: kernel_size must be positive"),
    (lambda: nn.Linear(3, 2)(sc.ones(5, 4)), ValueError, "linear: x has shape"),
    (lambda: sc.ones(2, requires_grad=True).numpy(), RuntimeError, r"detach\(\)"),
    # Indices and axes.
    (lambda: sc.ones(2, 3)[2], IndexError, "out of bounds"),
    (lambda: sc.ones(2)[2**70], IndexError, "out of range"),
    (lambda: sc.ones(2)[..., ...], IndexError, "only one ellipsis|at most one"),
    (lambda: sc.ones(2)[sc.tensor([True, False, True])], IndexError, "mask of shape"),
    (lambda: sc.ones(2)[[0.5]], IndexError, "whole numbers"),
    (lambda: sc.ones(2)[[[0], [0, 1]]], IndexError, "different lengths"),
    (lambda: sc.ones(2)[{}], (IndexError, TypeError), None),
    (lambda: sc.ones(2).__delitem__(0), TypeError, "cannot be deleted"),
    (lambda: sc.ones(2).__setitem__(0, "a"), TypeError, "can be assigned"),
    (lambda: sc.ones(2).__setitem__(0, sc.ones(2)), ValueError, None),
    (lambda: sc.ones(2, 3).sum(5), IndexError, "sum.*out of range"),
    (lambda: sc.ones(2, 3).sum("a"), TypeError, "sum: dim must be a whole number"),
    (lambda: sc.ones(2, 3).sum(0, axis=1), TypeError, "sum: dim and axis are the same argument"),
    (lambda: sc.ones(2, 3).transpose(0, 2), IndexError, "transpose: dim 2 is out of range"),
    (lambda: sc.ones(2, 3, 4).t(), ValueError, "t: expected at most 2 axes"),
    (lambda: iter(sc.tensor(1.0)), TypeError, "iteration over a 0-d tensor"),
    (lambda: len(sc.tensor(1.0)), TypeError, r"len\(\) of a 0-d tensor"),
    (lambda: bool(sc.ones(2)), RuntimeError, "more than one value is ambiguous"),
    (lambda: bool(sc.ones(0)), RuntimeError, "no values is ambiguous"),
    (lambda: sc.ones(2).item(), (ValueError, RuntimeError), None),
    (lambda: range(sc.tensor(2.0)), TypeError, "only integer tensors"),
    (lambda: int(sc.tensor(float("inf"))), OverflowError, "infinity"),
    (lambda: int(sc.tensor(float("nan"))), ValueError, "NaN"),
    # Operands.
    (lambda: sc.ones(2) + "a", TypeError, "unsupported operand"),
    (lambda: sc.ones(2) + [1, 2], TypeError, "unsupported operand"),
    (lambda: sc.ones(2) + 1j, TypeError, None),
    (lambda: sc.ones(2) + 2**70, ValueError, "64 bits"),
    (lambda: sc.exp("a"), TypeError, "expected a Tensor, an array or a number"),
    (lambda: sc.exp(None), TypeError, "exp: argument 1 is missing"),
    (lambda: sc.exp(), TypeError, "missing 1 required positional argument"),
    (lambda: sc.arange(3).add_(0.5), TypeError, "add_: a result of dtype float32 cannot be stored in a int64 tensor"),
    (lambda: sc.ones(2).add_(sc.ones(2, 2)), ValueError, "add_: a result of shape"),
    (lambda: sc.arange(3) << 1, TypeError, "unsupported operand"),
    (lambda: sc.ones(2) & 1, TypeError, "bitwise_and: is defined for integers"),
    (lambda: np.hypot(1, sc.ones(2, requires_grad=True)), TypeError, "numpy.hypot: the tensor requires grad"),
    (lambda: np.mean(sc.ones(2, requires_grad=True)), TypeError, r"use sc.mean\(x\), or x.detach\(\)"),
    (lambda: sc.ones(2).shape.foo, AttributeError, "foo"),
    (lambda: setattr(sc.ones(2), "foo", 1), AttributeError, "foo"),
    (lambda: setattr(sc.ones(2), "shape", 1), AttributeError, "shape"),
    (lambda: setattr(sc.ones(2), "grad", sc.ones(3)), ValueError, "grad: shape"),
    (lambda: setattr(sc.ones(2), "grad", 1), TypeError, "grad must be a Tensor or None"),
    (lambda: setattr(sc.ones(2), "data", 1), TypeError, "data must be a Tensor"),
    (lambda: setattr(sc.ones(2), "requires_grad", 1), TypeError, "requires_grad must be True or False"),
    # Random numbers, sequences.
    (lambda: sc.arange(0, 1, 0), ValueError, "arange: .* step not 0"),
    (lambda: sc.arange(0, 1, -1), ValueError, "arange: a step of -1 does not lead from 0 to 1"),
    (lambda: sc.arange(float("nan")), ValueError, "arange: .* finite"),
    (lambda: sc.linspace(0, 1, -1), ValueError, "linspace"),
    (lambda: sc.eye(-1), ValueError, "eye"),
    (lambda: sc.rand(2, dtype=sc.int64), TypeError, "floating-point dtype"),
    (lambda: sc.normal(0, -1, (2,)), ValueError, "normal: the standard deviation must not be negative"),
    (lambda: sc.randint(5, 5, (2,)), ValueError, "randint: low must be below high"),
    (lambda: sc.randint(5), TypeError, "randint: expected"),
    (lambda: sc.arange(3).normal_(), TypeError, "normal_: needs a floating-point tensor"),
    # Modules and optimizers.
    (lambda: nn.Module()(1), NotImplementedError, 'missing the required "forward" function'),
    (lambda: nn.Parameter([1.0]), TypeError, "Parameter: data must be a Tensor, got list"),
    (lambda: nn.Parameter(sc.arange(3)), RuntimeError, "only floating-point tensors"),
    (lambda: nn.LazyLinear(2).weight.shape, RuntimeError, "not known yet"),
    (
        lambda: nn.Linear(2, 2).load_state_dict({}),
        RuntimeError,
        r"Missing key\(s\) in state_dict: \"weight\", \"bias\"",
    ),
    (lambda: nn.Sequential(nn.ReLU())[1], IndexError, "Sequential: index 1 is out of range"),
    (lambda: sc.optim.SGD([], lr=0.1), ValueError, "SGD: got an empty parameter list"),
    (lambda: sc.optim.SGD(sc.ones(2), lr=0.1), TypeError, "SGD: params must be a list"),
    (lambda: sc.optim.SGD([1.0], lr=0.1), TypeError, "SGD: can only optimize tensors"),
    (lambda: sc.optim.SGD([sc.ones(1)], lr=-1), ValueError, "SGD: lr must not be negative"),
    (lambda: nn.init.kaiming_uniform_(sc.ones(3)), ValueError, "at least 2 axes"),
    (lambda: nn.init.calculate_gain("x"), ValueError, "unknown nonlinearity"),
]


@pytest.mark.parametrize(("call", "exception", "text"), BAD, ids=range(len(BAD)))
def test_bad_input(call, exception, text):
    with pytest.raises(exception, match=text):
        call()


def test_none_of_them_ends_the_process():
    """All of them, one after the other, in a process of its own; then it still computes."""
    code = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import test_errors
        for call, exception, _ in test_errors.BAD:
            try:
                call()
            except exception:
                pass
        import swiftconv as sc
        print((sc.ones(2, 2) @ sc.ones(2, 2)).sum().item())
    """
    process = run_python(textwrap.dedent(code), inspect.getfile(test_none_of_them_ends_the_process).rpartition("/")[0])
    assert process.returncode == 0, process.stderr
    assert process.stdout == "8.0\n"


def test_kernels_meet_no_surprises():
    """Values that are no numbers, and sizes of 0, wherever they can stand."""
    nothing, endless = float("nan"), float("inf")
    for value in (nothing, endless, -endless, 1e308, 5e-324):
        x = sc.full((3, 4), value, dtype=sc.float64)
        for result in (
            x.sum(),
            x.max(),
            x.argmax(),
            x.softmax(1),
            x.exp(),
            x.long(),
            x.int(),
            x.to(sc.uint8),
            x.bool(),
            x // 1,
            x % 1,
        ):
            result.tolist()
        repr(x)
        sc.corr2d(x, sc.ones(2, 2))
    for shape in ((0,), (0, 3), (3, 0), (0, 0, 2)):
        x = sc.zeros(shape)
        for result in (
            x.sum(),
            x.prod(),
            x.exp(),
            x + 1,
            x.reshape(-1) if 0 not in shape[1:] else x,
            x.nonzero(),
            x.any(),
            x.all(),
            x.cumsum(0),
        ):
            result.tolist()
        repr(x)


def test_keyboard_interrupts_and_errors_inside_of_arguments():
    class Index:
        def __index__(self):
            raise KeyError("from __index__")

    class Number:
        def __float__(self):
            raise KeyError("from __float__")

    with pytest.raises(KeyError, match="from __index__"):
        sc.ones(2)[Index()]
    with pytest.raises(KeyError, match="from __float__"):
        sc.ones(2) + Number()
