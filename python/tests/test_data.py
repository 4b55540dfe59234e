"""Datasets and going through them in batches."""

import threading
import time
from collections import namedtuple

import numpy
import pytest

import swiftconv as sc
from swiftconv.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    TensorDataset,
    default_collate,
    random_split,
)


class Numbers(Dataset):
    """Samples (i, i squared as an array), with a random number each."""

    def __init__(self, count, fails_at=None, waits=0.0):
        self.count, self.fails_at, self.waits = count, fails_at, waits
        self.taken = []

    def __getitem__(self, index):
        self.taken.append(index)
        time.sleep(self.waits)
        if index == self.fails_at:
            raise KeyError(f"sample {index} is broken")
        return index, numpy.array([index**2], dtype=numpy.float32), sc.rand(2)

    def __len__(self):
        return self.count


def loader_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("swiftconv-loader")]


def wait_for_no_threads():
    end = time.monotonic() + 10
    while loader_threads() and time.monotonic() < end:
        time.sleep(0.01)
    assert loader_threads() == []


# ---- Datasets --------------------------------------------------------------------------------------------------------


def test_tensor_dataset():
    X, y = sc.arange(12.0).reshape(4, 3), sc.arange(4)
    dataset = TensorDataset(X, y)
    assert len(dataset) == 4
    features, label = dataset[-1]
    assert features.tolist() == [9, 10, 11] and label.item() == 3
    assert numpy.shares_memory(features.numpy(), X.numpy())
    with pytest.raises(IndexError):
        dataset[4]


@pytest.mark.parametrize("shapes", [[], [()], [(3, 2), (4,)]])
def test_tensor_dataset_of_unequal_tensors(shapes):
    with pytest.raises(ValueError, match="TensorDataset: the first axes"):
        TensorDataset(*(sc.zeros(shape) for shape in shapes))


def test_subset_and_concatenation():
    both = ConcatDataset([Subset("abcdef", [5, 0, 2]), ["x"], [], "yz"])
    assert [both[i] for i in range(len(both))] == list("facxyz")
    assert [both[i] for i in range(-6, 0)] == list("facxyz")
    for index in (6, -7):
        with pytest.raises(IndexError, match="out of range for 6 samples"):
            both[index]
    with pytest.raises(IndexError, match="Subset"):
        Subset("abc", [1])[1]
    with pytest.raises(ValueError, match="at least one"):
        ConcatDataset([])


def test_sum_of_datasets():
    both = Numbers(2) + Numbers(3)
    assert len(both) == 5 and both[4][0] == 2


def test_dataset_without_getitem():
    with pytest.raises(NotImplementedError, match="__getitem__ is missing"):
        Dataset[int]()[0]


@pytest.mark.parametrize(
    "count, lengths, sizes",
    [
        (10, [7, 3], [7, 3]),
        (10, [0.75, 0.25], [8, 2]),
        (10, [1 / 3] * 3, [4, 3, 3]),
        (0, [0.5, 0.5], [0, 0]),
        (1, [1, 0], [1, 0]),
        (5, [5], [5]),
    ],
)
def test_random_split_sizes(count, lengths, sizes):
    parts = random_split(range(count), lengths)
    assert [len(part) for part in parts] == sizes
    assert sorted(part[i] for part in parts for i in range(len(part))) == list(range(count))


@pytest.mark.parametrize("lengths", [[7, 4], [0.5, 0.4], [11, -1], [9.5, 0.5]])
def test_random_split_that_does_not_add_up(lengths):
    with pytest.raises(ValueError, match="random_split"):
        random_split(range(10), lengths)


def test_random_split_is_reproducible():
    def split(seed):
        return [list(part.indices) for part in random_split(range(50), [0.5, 0.5], generator=seed)]

    assert split(1) == split(1) == split(numpy.random.default_rng(1))
    assert split(1) != split(2)
    sc.manual_seed(3)
    first = random_split(range(50), [50])[0].indices
    sc.manual_seed(3)
    assert random_split(range(50), [50])[0].indices == first
    with pytest.raises(TypeError, match="generator"):
        random_split(range(50), [50], generator="x")


# ---- Samplers --------------------------------------------------------------------------------------------------------


def test_samplers():
    assert list(SequentialSampler("abc")) == [0, 1, 2]
    sampler = RandomSampler("abcdefgh", generator=0)
    orders = [list(sampler) for _ in range(2)]
    assert orders[0] != orders[1] and all(sorted(order) == list(range(8)) for order in orders)
    assert list(BatchSampler(range(5), 2, True)) == [[0, 1], [2, 3]]
    assert len(BatchSampler(range(5), 2, True)) == 2 and len(BatchSampler(range(5), 2, False)) == 3


# ---- Batches ---------------------------------------------------------------------------------------------------------


def test_collate():
    Point = namedtuple("Point", "x y")
    samples = [
        {"t": sc.tensor([1.0]), "a": numpy.arange(2), "n": (True, 1, 2.5), "s": "u", "p": Point(1, [2])},
        {"t": sc.tensor([2.0]), "a": numpy.arange(2) + 5, "n": (False, 2, 3.5), "s": "v", "p": Point(3, [4])},
    ]
    batch = default_collate(samples)
    assert batch["t"].tolist() == [[1], [2]] and batch["a"].tolist() == [[0, 1], [5, 6]]
    assert [each.dtype for each in batch["n"]] == [sc.bool, sc.int64, sc.float64]
    assert isinstance(batch["n"], list) and batch["s"] == ["u", "v"]
    assert isinstance(batch["p"], Point) and batch["p"].x.tolist() == [1, 3] and batch["p"].y[0].tolist() == [2, 4]
    assert default_collate([numpy.float32(1), numpy.float32(2)]).dtype is sc.float32


def test_collate_errors():
    with pytest.raises(TypeError, match="got object; give the DataLoader a collate_fn"):
        default_collate([object()])
    with pytest.raises(ValueError, match="stack"):
        default_collate([sc.zeros(2), sc.zeros(3)])
    with pytest.raises(ValueError, match=r"\[1, 2\] entries"):
        default_collate([(1,), (1, 2)])
    with pytest.raises(ValueError, match="at least one sample"):
        default_collate([])


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_order_and_sizes(workers):
    loader = DataLoader(Numbers(10), batch_size=4, num_workers=workers)
    batches = list(loader)
    assert len(loader) == len(batches) == 3
    assert all(isinstance(batch, list) for batch in batches)
    assert [batch[0].tolist() for batch in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert batches[1][1].tolist() == [[16], [25], [36], [49]]
    shorter = DataLoader(Numbers(10), batch_size=4, num_workers=workers, drop_last=True)
    assert len(shorter) == len(list(shorter)) == 2
    wait_for_no_threads()


@pytest.mark.parametrize("workers", [0, 2])
def test_empty_dataset(workers):
    assert list(DataLoader(Numbers(0), 3, num_workers=workers)) == []


def test_random_numbers_do_not_depend_on_workers():
    def epochs(workers):
        sc.manual_seed(5)
        loader = DataLoader(Numbers(20), batch_size=3, shuffle=True, num_workers=workers)
        seen = [[(batch[0].tolist(), batch[2].tolist()) for batch in loader] for _ in range(2)]
        return seen, sc.rand(1).item()

    expected, after = epochs(0)
    assert expected[0] != expected[1]
    for workers in (0, 1, 4):
        assert epochs(workers) == (expected, after)


@pytest.mark.parametrize("generator", [7, lambda: numpy.random.default_rng(7)])
def test_generator_of_its_own(generator):
    def order():
        own = generator() if callable(generator) else generator
        loader = DataLoader(Numbers(20), batch_size=20, shuffle=True, generator=own)
        return [next(iter(loader))[0].tolist() for _ in range(2)]

    sc.manual_seed(0)
    first = order()
    before = sc.rand(1).item()
    sc.manual_seed(1)
    assert order() == first and first[0] != first[1]
    sc.manual_seed(0)
    assert sc.rand(1).item() == before, "a generator of its own leaves the common one alone"


def test_random_numbers_after_a_loop_that_was_left():
    """The loop's random numbers are its own also between its batches."""
    sc.manual_seed(2)
    expected = []
    for batch in DataLoader(Numbers(4), batch_size=2):
        expected.append(sc.rand(1).item())
        del batch
    sc.manual_seed(2)
    numbers = iter(expected)
    for _ in DataLoader(Numbers(4), batch_size=2, num_workers=2):
        assert sc.rand(1).item() == next(numbers)


def test_samplers_as_arguments():
    dataset = Numbers(10)
    loader = DataLoader(dataset, batch_size=2, sampler=[9, 8, 7])
    assert [batch[0].tolist() for batch in loader] == [[9, 8], [7]]
    loader = DataLoader(dataset, batch_sampler=[[1], [2, 3]])
    assert [batch[0].tolist() for batch in loader] == [[1], [2, 3]] and len(loader) == 2
    loader = DataLoader(dataset, batch_size=3, collate_fn=len)
    assert list(loader) == [3, 3, 3, 1]


@pytest.mark.parametrize(
    "options, error, text",
    [
        ({"batch_size": 0}, ValueError, "batch_size: expected 1 or more"),
        ({"batch_size": 1.5}, TypeError, "batch_size: expected a whole number"),
        ({"num_workers": -1}, ValueError, "num_workers must be 0 or more"),
        ({"num_workers": "2"}, TypeError, "num_workers must be a whole number"),
        ({"prefetch_factor": 0}, ValueError, "prefetch_factor must be 1 or more"),
        ({"sampler": [0], "shuffle": True}, ValueError, "sampler and shuffle exclude"),
        ({"batch_sampler": [[0]], "batch_size": 2}, ValueError, "batch_sampler excludes"),
        ({"generator": 1.5}, TypeError, "generator: expected"),
    ],
)
def test_bad_options(options, error, text):
    with pytest.raises(error, match=text):
        DataLoader(Numbers(4), **options)


# ---- Workers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [0, 2])
def test_exceptions_say_where(workers):
    loader = DataLoader(Numbers(10, fails_at=5), batch_size=2, num_workers=workers)
    seen = []
    with pytest.raises(KeyError, match="sample 5 is broken") as caught:
        for batch in loader:
            seen.append(batch[0].tolist())
    assert seen == [[0, 1], [2, 3]]
    assert caught.value.__notes__ == ["DataLoader: raised while making batch 2, of the samples 4, 5"]
    assert "__getitem__" in [entry.name for entry in caught.traceback]
    wait_for_no_threads()


def test_leaving_the_loop_early_ends_the_threads():
    dataset = Numbers(1000, waits=0.001)
    for batch in DataLoader(dataset, batch_size=2, num_workers=3, prefetch_factor=1):
        assert batch[0].tolist() == [0, 1]
        break
    wait_for_no_threads()
    assert len(dataset.taken) < 20, "no more than was asked for in advance"


def test_prefetch_is_bounded():
    dataset = Numbers(100)
    batches = iter(DataLoader(dataset, batch_size=1, num_workers=2, prefetch_factor=3))
    next(batches)
    time.sleep(0.2)
    assert len(dataset.taken) == 2 * 3 + 1
    batches.close()
    wait_for_no_threads()


def test_workers_work_at_the_same_time():
    together = threading.Barrier(3, timeout=20)

    class Meeting(Dataset):
        def __getitem__(self, index):
            together.wait()
            return index

        def __len__(self):
            return 3

    assert [batch.tolist() for batch in DataLoader(Meeting(), num_workers=3)] == [[0], [1], [2]]


def test_loops_within_loops():
    inner = DataLoader(Numbers(4), batch_size=2, num_workers=2)
    seen = [(a[0].tolist(), b[0].tolist()) for a in inner for b in inner]
    assert len(seen) == 4 and seen[3] == ([2, 3], [2, 3])
    wait_for_no_threads()


def test_an_unfinished_loop_does_not_keep_the_process_alive():
    from subprocesses import check_python

    code = """
        import swiftconv as sc
        batches = iter(sc.data.DataLoader(list(range(1000)), num_workers=2))
        print(next(batches))
    """
    assert check_python(code, timeout=60) == "tensor([0])\n"
