"""The Swift table, the Python functions, the rows of the tests and the documentation name the same operators."""

import inspect

import swiftconv as sc
from optable import all_rows
from swiftconv import _core

# Without a function of their own: steps of gradients and of formulas, which the core makes itself, and what only
# dialects or optimizers call.
INTERNAL = {
    "adam_step",
    "class_cross_entropy",
    "convolution_input_gradient",
    "convolution_weight_gradient",
    "descent_step",
    "place_maxima",
    "place_view",
    "spread_mean",
    "take_maxima",
    "threefry",
}

F = sc.nn.functional

# How Python calls an operator whose function has another name.
PYTHON_NAMES = {
    "adaptive_avg_pool": F.adaptive_avg_pool2d,
    "adaptive_max_pool": F.adaptive_max_pool2d,
    "avg_pool": F.avg_pool2d,
    "cast": sc.Tensor.to,
    "contiguous": sc.Tensor.contiguous,
    "conv_transpose": F.conv_transpose2d,
    "convolution": F.conv2d,
    "copy": sc.Tensor.copy_,
    "expand": sc.Tensor.expand,
    "gather_index": sc.index_select,
    "index": sc.Tensor.__getitem__,
    "max_dim": sc.max,
    "max_pool": F.max_pool2d,
    "min_dim": sc.min,
    "put_index": sc.Tensor.index_put_,
    "upsample_linear": F.interpolate,
    "upsample_nearest": F.interpolate,
    "view": sc.Tensor.view,
}

PUBLIC = set(_core.operators) - INTERNAL


def python_function(name):
    return PYTHON_NAMES.get(name) or getattr(sc, name, None) or getattr(F, name, None)


def test_every_operator_has_a_row():
    assert set(all_rows()) == PUBLIC


def test_every_operator_has_a_documented_function():
    for name in PUBLIC - {"index"}:
        function = python_function(name)
        assert function is not None, f"{name} cannot be called from Python"
        assert inspect.getdoc(function), f"{name} has no documentation"


def test_internal_operators_exist():
    assert INTERNAL <= set(_core.operators)


def test_signs_are_operators():
    x = sc.tensor([3, -2])
    assert (x + 1).tolist() == [4, -1]
    assert (1 - x).tolist() == [-2, 3]
    assert (x * x).tolist() == [9, 4]
    assert (x / 2).tolist() == [1.5, -1]
    assert (x // 2).tolist() == [1, -1]
    assert (x % 2).tolist() == [1, 0]
    assert (x**2).tolist() == [9, 4]
    assert (x @ x).item() == 13
    assert (-x).tolist() == [-3, 2]
    assert abs(x).tolist() == [3, 2]
    assert (~x).tolist() == [-4, 1]
    assert ((x & 1).tolist(), (x | 1).tolist(), (x ^ 1).tolist()) == ([1, 0], [3, -1], [2, -1])
    assert [(x < 0).tolist(), (x <= -2).tolist(), (x == 3).tolist()] == [[False, True], [False, True], [True, False]]
    assert [(x > 0).tolist(), (x >= 3).tolist(), (x != 3).tolist()] == [[True, False], [True, False], [False, True]]


def public_names(module):
    return [(name, getattr(module, name)) for name in module.__all__]


def test_everything_public_is_annotated():
    for module in (sc, sc.nn, sc.nn.functional, sc.optim):
        for name, thing in public_names(module):
            if inspect.isfunction(thing):
                signature = inspect.signature(thing)
                assert signature.return_annotation is not inspect.Signature.empty, name
                for parameter in signature.parameters.values():
                    assert parameter.annotation is not inspect.Parameter.empty, f"{name}: {parameter.name}"


def test_methods_are_the_functions():
    """One signature and one page of documentation for both."""
    for name in ("exp", "sum", "matmul", "add", "transpose", "softmax", "gather"):
        assert getattr(sc.Tensor, name) is getattr(sc, name)
