"""Sizes that no computation can have give an exception, and neither a trap nor an endless loop."""

import sys

import numpy as np
import pytest

import swiftconv as sc
from subprocesses import check_python

F = sc.nn.functional
IMAGE = sc.ones(1, 1, 4, 4)
EMPTY = sc.ones(0, 1, 4, 4)


def wide(*shape):
    """One element, repeated to a shape that no memory holds."""
    return sc.ones(1).expand(*shape)


REFUSED = {
    "unfold, window": lambda: F.unfold(IMAGE, 2**40, padding=2**40),
    "unfold, columns": lambda: F.unfold(IMAGE, 2**31, padding=2**31),
    "unfold, positions": lambda: F.unfold(IMAGE, 2, padding=2**33),
    "unfold, sum of paddings": lambda: F.unfold(IMAGE, 2, padding=2**62),
    "fold, window": lambda: F.fold(sc.ones(1, 4, 4), 2**40, 2**33, padding=2**33),
    "fold, positions": lambda: F.fold(sc.ones(1, 4, 4), 2**62, 1),
    "max_pool, window": lambda: F.max_pool2d(IMAGE, 2**62, dilation=4),
    "max_pool, results": lambda: F.max_pool2d(wide(1, 1, 2**40, 4), 2),
    "max_pool, step over": lambda: F.max_pool1d(sc.ones(1, 1, 1), 2, padding=1, dilation=3, stride=2),
    "adaptive_avg_pool, results": lambda: F.adaptive_avg_pool2d(IMAGE, (2**31 - 2, 2**31 - 2)),
    "adaptive_avg_pool, product": lambda: F.adaptive_avg_pool1d(wide(1, 1, 2**61), 7),
    "pad, before": lambda: F.pad(sc.ones(3), (-(2**63), 2)),
    "pad, after": lambda: F.pad(sc.ones(3), (2, -(2**63))),
    "pad, sum": lambda: F.pad(wide(2**59), (2**59, 2**59)),
    "cat": lambda: sc.cat([wide(2**59, 0), wide(2**59, 0)] * 8),
    "expand": lambda: wide(0, 2**40, 2**30),
    "interpolate, nearest": lambda: F.interpolate(IMAGE, size=2**40),
    "interpolate, bilinear": lambda: F.interpolate(IMAGE, size=(2**42, 1), mode="bilinear"),
    "interpolate, no images": lambda: F.interpolate(EMPTY, size=2**42),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_refused(call):
    with pytest.raises((ValueError, MemoryError)):
        call()


EMPTY_RESULTS = {
    "unfold": lambda: F.unfold(EMPTY, 2**14, padding=2**14),
    "max_pool": lambda: F.max_pool2d(wide(0, 1, 4, 2**57), 2),
    "avg_pool": lambda: F.avg_pool2d(wide(0, 1, 4, 2**57), 2),
    "adaptive_avg_pool": lambda: F.adaptive_avg_pool2d(EMPTY, (2**30, 2)),
    "adaptive_max_pool": lambda: F.adaptive_max_pool2d(EMPTY, (2**30, 2)),
}


@pytest.mark.parametrize("call", EMPTY_RESULTS.values(), ids=EMPTY_RESULTS)
def test_nothing_takes_no_time(call):
    assert call().numel() == 0


def test_windows_larger_than_any_image():
    x = IMAGE.clone().requires_grad_()
    y = F.avg_pool2d(x, (2**33, 2**31), padding=(2**32, 2**30))
    y.sum().backward()
    assert y.flatten()[0].item() == 16 / 2**64
    assert np.array_equal(x.grad.numpy(), np.full((1, 1, 4, 4), y.numel() / 2**64, np.float32))
    assert F.max_pool2d(IMAGE, (2**33, 2**31), padding=(2**32, 2**30)).max().item() == 1


def test_strides_larger_than_any_image():
    assert F.max_pool2d(IMAGE, 2, stride=2**63 - 1, ceil_mode=True).shape == (1, 1, 1, 1)
    columns = F.unfold(IMAGE, 2, padding=2**61, stride=2**60)
    assert columns.sum().item() == 4
    assert F.conv2d(IMAGE, sc.ones(1, 1, 3, 3), padding=2**61, stride=2**61).sum().item() == 9


def test_views_of_plain_numbers_have_memory():
    for view in (sc.ops.reshape(3, (1,)), sc._core.apply(sc._core.operators["expand"], 2.5, (2, 3))):
        assert np.unique(view.numpy()).size == 1
    assert sc.Tensor.view(4).item() == 4


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited through /proc")
def test_pooling_with_little_memory():
    code = """
    import os, resource
    import swiftconv as sc
    sc.set_num_threads(1)  # glibc ends a process that has no memory for a new thread's own variables.
    x = sc.ones(1, 1, 1024, 1024, requires_grad=True)
    for megabytes in range(16):
        child = os.fork()
        if child == 0:
            with open("/proc/self/statm") as sizes:
                used = int(sizes.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (used + (megabytes << 20),) * 2)
            try:
                sc.nn.functional.avg_pool2d(x, 3, 1, 1).sum().backward()
            except MemoryError:
                pass
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0, megabytes
    """
    check_python(code)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited through /proc")
def test_a_graph_with_little_memory():
    """The node of a call with many inputs takes more memory than the call."""
    code = """
    import os, resource
    import swiftconv as sc
    sc.set_num_threads(1)
    inputs = [sc.ones(1, requires_grad=True)] * 300_000
    with open("/proc/self/statm") as sizes:
        used = int(sizes.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + (32 << 20), resource.RLIM_INFINITY))
    try:
        sc.cat(inputs)
    except MemoryError as error:
        assert str(error) == "cat: cannot allocate memory to record the call", error
    else:
        raise AssertionError("there was memory")
    with sc.no_grad():
        assert sc.cat(inputs).shape == (300_000,)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
    sc.cat(inputs).sum().backward()
    assert inputs[0].grad.item() == 300_000
    """
    check_python(code)
