"""The handwritten digits that come with scikit-learn: 1797 images of 8 × 8 pixels. What both examples share."""

from __future__ import annotations

import argparse
import sys

import swiftconv as sc
from swiftconv.data import DataLoader, Dataset, random_split


class Digits(Dataset):
    """Images ``(1, 8, 8)`` between 0 and 1, and which digits they show.

    Parameters
    ----------
    transform : callable, optional
        Applied to every image when it is asked for.
    """

    def __init__(self, transform=None):
        try:
            from sklearn.datasets import load_digits
        except ImportError:
            sys.exit('The digits come with scikit-learn; install it with: pip install "swiftconv[examples]"')
        images, labels = load_digits(return_X_y=True)
        self.images = sc.tensor(images, dtype=sc.float32).reshape(-1, 1, 8, 8) / 16
        self.labels = sc.tensor(labels)
        self.transform = transform

    def __getitem__(self, index):
        image = self.images[index]
        return (image if self.transform is None else self.transform(image)), self.labels[index]

    def __len__(self):
        return len(self.labels)


def loaders(batch_size, transform=None, augment=None):
    """Return loaders of four fifths of the images for training, and of the others for the test.

    Parameters
    ----------
    batch_size : int
        How many images a batch for training has.
    transform : callable, optional
        Applied to all images.
    augment : callable, optional
        Applied to the images for training before that.
    """
    plain = Digits(transform)
    both = [each for each in (augment, transform) if each is not None]
    changed = Digits(sc.data.transforms.Compose(both))
    # The same division for every seed, so that accuracies can be compared.
    for_training, _ = random_split(changed, [0.8, 0.2], generator=0)
    _, for_test = random_split(plain, [0.8, 0.2], generator=0)
    return DataLoader(for_training, batch_size, shuffle=True, num_workers=1), DataLoader(for_test, 360)


def accuracy(net, loader):
    """Return the share of images whose digit the network finds."""
    net.eval()
    with sc.no_grad():
        right = sum((net(X).argmax(dim=1) == y).sum().item() for X, y in loader)
    net.train()
    return right / len(loader.dataset)


def arguments(description, epochs):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--epochs", type=int, default=epochs, help="how often to go through the images (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="what the random numbers begin with (%(default)s)")
    return parser.parse_args()


def train(net, optimizer, scheduler, loader, test_loader, epochs):
    """Train, and print how it goes: the mean loss of every epoch, and at the end the accuracy."""
    loss_of = sc.nn.CrossEntropyLoss()
    for epoch in range(1, epochs + 1):
        total = 0.0
        for X, y in loader:
            optimizer.zero_grad()
            loss = loss_of(net(X), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        scheduler.step()
        print(f"epoch {epoch:2}: loss {total / len(loader.dataset):.6f}", flush=True)
    print(f"test accuracy {accuracy(net, test_loader):.2%}")
