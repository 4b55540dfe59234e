"""Tensors print as PyTorch prints them, to the character."""

import numpy as np
import pytest

import swiftconv as sc
from swiftconv._format import format_array

# Texts that PyTorch 2.0 prints for the same values, with its name in place of ours.
KNOWN = [
    (lambda: sc.tensor([1.0, 2.0, 3.0]), "tensor([1., 2., 3.])"),
    (lambda: sc.tensor([1, 2, 3]), "tensor([1, 2, 3])"),
    (lambda: sc.tensor([True, False]), "tensor([ True, False])"),
    (lambda: sc.tensor(66.0), "tensor(66.)"),
    (lambda: sc.tensor(3), "tensor(3)"),
    (lambda: sc.tensor(True), "tensor(True)"),
    (lambda: sc.tensor(3.14159), "tensor(3.1416)"),
    (lambda: sc.tensor([]), "tensor([])"),
    (lambda: sc.zeros(0, 3), "tensor([], size=(0, 3))"),
    (lambda: sc.zeros(0, dtype=sc.int64), "tensor([], dtype=swiftconv.int64)"),
    (lambda: sc.zeros(2, 0, dtype=sc.bool), "tensor([], size=(2, 0), dtype=swiftconv.bool)"),
    (lambda: sc.tensor([0.5, 1.5]), "tensor([0.5000, 1.5000])"),
    (lambda: sc.tensor([-1.5, 1.0]), "tensor([-1.5000,  1.0000])"),
    (lambda: sc.tensor([-0.0, 0.0]), "tensor([-0., 0.])"),
    (lambda: sc.tensor([1e-5, 1.0]), "tensor([1.0000e-05, 1.0000e+00])"),
    (lambda: sc.tensor([1e-3, 1.0]), "tensor([0.0010, 1.0000])"),
    (lambda: sc.tensor([1.5, 10000.0]), "tensor([1.5000e+00, 1.0000e+04])"),
    (lambda: sc.tensor([1.0, 1000.0]), "tensor([   1., 1000.])"),
    (lambda: sc.tensor([1.0, 1001.0]), "tensor([1.0000e+00, 1.0010e+03])"),
    (lambda: sc.tensor([1e9, 1e9]), "tensor([1.0000e+09, 1.0000e+09])"),
    (lambda: sc.tensor([float("nan"), 1.0]), "tensor([nan, 1.])"),
    (lambda: sc.tensor([float("inf"), -float("inf"), 1.0]), "tensor([inf, -inf, 1.])"),
    (lambda: sc.tensor([float("inf"), 1.5]), "tensor([   inf, 1.5000])"),
    (lambda: sc.tensor([1.0], dtype=sc.float64), "tensor([1.], dtype=swiftconv.float64)"),
    (lambda: sc.tensor([1], dtype=sc.uint8), "tensor([1], dtype=swiftconv.uint8)"),
    (lambda: sc.tensor([1], dtype=sc.int32), "tensor([1], dtype=swiftconv.int32)"),
    (lambda: sc.tensor([-10, 5, 100]), "tensor([-10,   5, 100])"),
    (lambda: sc.tensor([[1.0, -2.0], [3.0, 4.0]]), "tensor([[ 1., -2.],\n        [ 3.,  4.]])"),
    (
        lambda: sc.arange(8.0).reshape(2, 2, 2),
        "tensor([[[0., 1.],\n         [2., 3.]],\n\n        [[4., 5.],\n         [6., 7.]]])",
    ),
    (lambda: sc.ones(2, requires_grad=True), "tensor([1., 1.], requires_grad=True)"),
    (lambda: sc.ones(2, requires_grad=True) * 2, "tensor([2., 2.], grad_fn=<MulBackward0>)"),
    (
        lambda: sc.arange(20),
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n        18, 19])",
    ),
    (lambda: sc.arange(1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    (
        lambda: sc.zeros(40, 40),
        "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n        ...,\n        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n        [0., 0., 0.,  ..., 0., 0., 0.]])",
    ),
    (lambda: sc.tensor(5.0, requires_grad=True), "tensor(5., requires_grad=True)"),
    (lambda: sc.tensor([1.0, 2.0]).exp(), "tensor([2.7183, 7.3891])"),
    (lambda: sc.nn.Parameter(sc.ones(2)), "Parameter containing:\ntensor([1., 1.], requires_grad=True)"),
    (
        lambda: sc.tensor([[1.0, 2.0, 3.0]] * 2, dtype=sc.float64, requires_grad=True),
        "tensor([[1., 2., 3.],\n        [1., 2., 3.]], dtype=swiftconv.float64, requires_grad=True)",
    ),
]


@pytest.mark.parametrize(("make", "text"), KNOWN, ids=[text.split("\n")[0] for _, text in KNOWN])
def test_known_texts(make, text):
    assert repr(make()) == text
    assert str(make()) == text


def test_suffixes_wrap():
    x = sc.tensor([0.1234] * 8, dtype=sc.float64, requires_grad=True)
    assert repr(x) == (
        "tensor([" + ", ".join(["0.1234"] * 8) + "],\n       dtype=swiftconv.float64, requires_grad=True)"
    )


def test_only_shown_elements_decide_the_notation():
    x = sc.ones(2000)
    x[1000] = 1e12
    assert repr(x) == "tensor([1., 1., 1.,  ..., 1., 1., 1.])"


def test_options():
    x = sc.tensor([1.23456, 1000.0])
    try:
        sc.set_printoptions(precision=2)
        assert repr(x) == "tensor([   1.23, 1000.00])"
        sc.set_printoptions(sci_mode=True)
        assert repr(x) == "tensor([1.23e+00, 1.00e+03])"
        sc.set_printoptions(sci_mode=False)
        assert repr(sc.tensor([1e-8])) == "tensor([0.00])"
        sc.set_printoptions(threshold=3, edgeitems=1)
        assert repr(sc.arange(5)) == "tensor([0,  ..., 4])"
        sc.set_printoptions(profile="default", linewidth=20)
        assert repr(sc.arange(8)) == "tensor([0, 1, 2, 3,\n        4, 5, 6, 7])"
    finally:
        sc.set_printoptions(profile="default")
    with pytest.raises(ValueError, match="profile 'x' is not one of"):
        sc.set_printoptions(profile="x")


def test_format():
    assert f"{sc.tensor(3.14159):.3f}" == "3.142"
    assert f"{sc.tensor(2.0)}" == "2.0"
    assert f"{sc.tensor(7)}" == "7"
    assert f"{sc.tensor(7):4d}" == "   7"
    assert f"{sc.tensor([1.0])}" == "tensor([1.])"
    assert f"{sc.ones(1, requires_grad=True).sum():.1f}" == "1.0"
    with pytest.raises(TypeError, match=r"shape \(2,\) cannot be formatted as '.3f'"):
        f"{sc.ones(2):.3f}"


def test_sizes_and_dtypes():
    assert repr(sc.zeros(2, 3).shape) == "swiftconv.Size([2, 3])"
    assert str(sc.zeros(2, 3).shape) == "swiftconv.Size([2, 3])"
    assert repr(sc.zeros(()).shape) == "swiftconv.Size([])"
    assert repr(sc.float32) == "swiftconv.float32"
    assert repr(sc.device("cpu")) == "device(type='cpu')"
    assert repr(sc.device("cuda:1")) == "device(type='cuda', index=1)"


def test_extremes_of_an_axis():
    assert repr(sc.tensor([[1.0, 2.0]]).max(dim=1)) == (
        "swiftconv.return_types.max(\nvalues=tensor([2.]),\nindices=tensor([1]))"
    )


@pytest.mark.parametrize("rank", range(5))
def test_every_element_is_printed(rank, rng):
    shape = (2, 3, 2, 3)[:rank]
    values = rng.integers(-99, 99, shape)
    text = repr(sc.tensor(values))
    assert text.startswith("tensor(" + "[" * rank)
    assert [int(each) for each in text[7:-1].replace("[", " ").replace("]", " ").replace(",", " ").split()] == list(
        values.ravel()
    )


def test_formatting_of_arrays():
    assert format_array(np.float32([0.1]), []) == "tensor([0.1000])"
