"""Random numbers of MXNet's generators: what a fresh process of the framework draws."""

import zlib

import numpy
import pytest

from swiftconv.mxnet import autograd, np, npx
from swiftconv.mxnet.gluon import nn


@pytest.fixture(autouse=True)
def fresh():
    np.random.seed(0)


def test_whole_numbers():
    many = np.random.randint(0, 10, size=(200,)).asnumpy().astype("int64")
    assert many[:10].tolist() == [1, 4, 3, 9, 9, 4, 7, 0, 6, 5] and many[-5:].tolist() == [4, 0, 3, 0, 9]
    assert np.random.randint(0, 10, size=(5,)).tolist() == [6, 3, 2, 5, 4]
    assert np.random.randint(0, 10**6, size=(5,)).tolist() == [764684, 116980, 936846, 95572, 376250]
    assert np.random.randint(0, 10, size=(5,), dtype="int32").tolist() == [3, 1, 4, 1, 5]
    with pytest.raises(ValueError, match="low is 3 and high is 3"):
        np.random.randint(3, 3)


def test_outcomes():
    assert np.random.multinomial(10, [0.1] * 10).tolist() == [1, 0, 2, 1, 1, 1, 1, 0, 3, 0]
    assert np.random.multinomial(100, [0.3, 0.7], size=(2,)).tolist() == [[22, 78], [28, 72]]
    assert repr(np.random.uniform(size=2)) == "array([0.27354205, 0.42545155])"


def test_choices_and_orders():
    assert np.random.choice(5, size=(10,)).tolist() == [4, 4, 3, 0, 3, 4, 2, 3, 2, 3]
    assert repr(np.random.uniform(size=2)) == "array([0.6458941, 0.3843817])"
    np.random.seed(0)
    row = np.arange(10)
    np.random.shuffle(row)
    assert row.tolist() == [0, 2, 3, 5, 9, 1, 6, 8, 4, 7]
    assert repr(np.random.uniform(size=2)) == "array([0.6235637, 0.6458941])"
    rows = np.arange(6).reshape(3, 2)
    np.random.shuffle(rows)
    assert rows.tolist() == [[4, 5], [0, 1], [2, 3]]


@pytest.mark.section("dropout", "mxnet")
def test_dropout():
    with autograd.record():
        many = npx.dropout(np.ones(200), 0.5).asnumpy()
        few = nn.Dropout(0.5)(np.ones(20)).asnumpy()
        table = npx.dropout(np.ones((3, 5)), 0.3)
    # The mask of 200 elements, drawn from four generators, as bits.
    assert zlib.crc32(numpy.packbits(many > 0).tobytes()) == 2799512682
    assert (few / 2).tolist() == [0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1]
    assert repr(table[1]) == "array([1.4285715, 0.       , 0.       , 1.4285715, 1.4285715])"
    assert npx.dropout(np.ones(3), 0.5).tolist() == [1, 1, 1]
    with autograd.record():
        assert npx.dropout(np.ones(3), 1).tolist() == [0, 0, 0]
        shared = npx.dropout(np.ones((4, 6)), 0.5, axes=(1,))
    assert (shared == shared[:, :1]).all()


def test_a_gradient_passes_where_dropout_keeps():
    x = np.ones(8)
    x.attach_grad()
    with autograd.record():
        y = npx.dropout(x, 0.25)
    y.backward()
    assert x.grad.tolist() == y.tolist()
