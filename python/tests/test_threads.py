"""Several Python threads at once, threads of the core, and forked children."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import swiftconv as sc
from subprocesses import check_python


def in_threads(function, count=8):
    with ThreadPoolExecutor(count) as pool:
        return [future.result(timeout=120) for future in [pool.submit(function, i) for i in range(count)]]


def test_correlations_in_threads(rng):
    image, kernel = rng.normal(size=(300, 300)), rng.normal(size=(5, 5))
    expected = sc.corr2d(image, kernel)

    def work(_):
        return all(np.array_equal(sc.corr2d(image, kernel), expected) for _ in range(10))

    assert all(in_threads(work))


def test_training_in_threads():
    def work(i):
        w = sc.full((20, 20), 0.1 * (i + 1), requires_grad=True)
        x = sc.ones(50, 20)
        for _ in range(50):
            loss = ((x @ w - 1) ** 2).mean()
            w.grad = None
            loss.backward()
            with sc.no_grad():
                w -= 0.1 * w.grad
        return loss.item()

    assert in_threads(work) == [work(i) for i in range(8)]


def test_other_threads_run_meanwhile():
    """The interpreter is free while Swift computes."""
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.wait(0.001):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    x, w = sc.rand(8, 32, 64, 64), sc.rand(32, 32, 3, 3)
    for _ in range(5):
        sc.nn.functional.conv2d(x, w)
    during = len(ticks)
    stop.set()
    thread.join()
    assert during >= 2


def test_results_do_not_depend_on_the_number_of_threads(rng):
    F = sc.nn.functional
    before = sc.get_num_threads()
    x = sc.from_numpy(rng.normal(size=(4, 8, 30, 31)).astype(np.float32)).requires_grad_()
    w = sc.from_numpy(rng.normal(size=(16, 8, 3, 3)).astype(np.float32)).requires_grad_()
    found = []
    try:
        for threads in (1, 2, 3, 7):
            sc.set_num_threads(threads)
            assert sc.get_num_threads() == threads
            y = F.conv2d(x, w, padding=1)
            image = x[0, 0].detach()
            gradients = sc.autograd.grad((y * y).sum(), (x, w))
            results = (
                y.detach(),
                *gradients,
                x.detach().exp().sum(),
                sc.corr2d(image, w[0, 0].detach()),
                x.detach().flatten() @ x.detach().flatten(),
            )
            found.append([each.numpy().tobytes() for each in results])
    finally:
        sc.set_num_threads(before)
    assert all(each == found[0] for each in found)


def test_wrong_numbers_of_threads():
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="set_num_threads"):
            sc.set_num_threads(wrong)
    with pytest.raises(TypeError):
        sc.set_num_threads("2")


def test_environment_variable():
    code = "import swiftconv as sc; print(sc.get_num_threads())"
    assert check_python(code, SWIFTCONV_NUM_THREADS="3") == "3\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_forked_child_computes():
    code = """
        import os, sys, warnings
        import numpy as np
        import swiftconv as sc

        warnings.simplefilter("ignore")
        image = np.ones((2000, 2000), np.float32)
        expected = sc.corr2d(image, np.ones((5, 5), np.float32)).sum()
        for _ in range(8):
            child = os.fork()
            if child == 0:
                found = sc.corr2d(image, np.ones((5, 5), np.float32)).sum()
                x = sc.rand(8, 8, 32, 32, requires_grad=True)
                sc.nn.functional.conv2d(x, sc.ones(8, 8, 3, 3)).sum().backward()
                os._exit(0 if found == expected else 1)
            assert os.waitpid(child, 0)[1] == 0
        print(sc.corr2d(image, np.ones((5, 5), np.float32)).sum() == expected)
    """
    assert check_python(code, timeout=120) == "True\n"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processors cannot be chosen here")
def test_threads_on_few_processors():
    """Threads of the pool are moved off their caller's processor, if there are others, and keep those they may use."""
    code = """
        import os, time

        if {few}:
            os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1])
        import swiftconv as sc

        def processors():
            return {frozenset(os.sched_getaffinity(int(thread))) for thread in os.listdir("/proc/self/task")}

        x, w = sc.rand(8, 16, 40, 40), sc.rand(16, 16, 3, 3)
        sc.set_num_threads(1)
        expected = sc.nn.functional.conv2d(x, w).numpy()
        for threads in (2, 3, 5):
            sc.set_num_threads(threads)
            for step in range(60):
                assert (sc.nn.functional.conv2d(x, w).numpy() == expected).all()
                time.sleep(0.0002 * (step % 3))
        for _ in range(100):
            if len(processors()) == 1:
                break
            sc.nn.functional.conv2d(x, w)
            time.sleep(0.01)
        print(processors() == {frozenset(os.sched_getaffinity(0))}, len(os.listdir("/proc/self/task")) >= 5)
    """
    for few in (False, True):
        assert check_python(code.replace("{few}", str(few))) == "True True\n"


def test_tensors_freed_on_other_threads():
    def make(i):
        x = sc.ones(1000, requires_grad=True)
        return (x * i).exp(), np.asarray(sc.zeros(1000))

    for _ in range(20):
        made = in_threads(make, 4)
        del made


def test_interpreter_ends_with_live_tensors():
    code = """
        import threading
        import numpy as np
        import swiftconv as sc

        kept = [sc.from_numpy(np.ones(10)) for _ in range(10)]
        arrays = [sc.ones(10).numpy() for _ in range(10)]
        x = sc.ones(3, requires_grad=True)
        kept.append((x * sc.from_numpy(np.ones(3, np.float32))).sum())
        threading.Thread(target=lambda: sc.rand(1000, 1000) @ sc.rand(1000, 1000), daemon=True).start()
        print("end")
    """
    for _ in range(8):
        assert check_python(code) == "end\n"


def test_data_may_be_replaced_while_another_thread_computes():
    """The memory that a kernel reads stays until the kernel is done."""
    code = """
        import threading
        import swiftconv as sc

        x = sc.ones(1 << 21)
        stop = threading.Event()

        def replace():
            while not stop.is_set():
                x.data = sc.ones(1 << 21)
                sc.full((1 << 21,), 7.0)  # takes the memory that was given up, if it was

        thread = threading.Thread(target=replace)
        thread.start()
        sums = {float((x * 2).sum()) for _ in range(200)}
        stop.set()
        thread.join()
        print(sums)
    """
    assert check_python(code) == "{4194304.0}\n"
