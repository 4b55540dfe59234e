"""Files from the internet, as the book's ``d2l`` fetches them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["DATA_HUB", "DATA_URL", "download", "extract"]

DATA_URL = "http://d2l-data.s3-accelerate.amazonaws.com/"
DATA_HUB: dict[str, tuple[str, str]] = {}


def _has_hash(path: Path, sha1_hash: str) -> bool:
    return hashlib.sha1(path.read_bytes()).hexdigest() == sha1_hash


def download(url: str, folder: str = "../data", sha1_hash: str | None = None) -> str:
    """Fetch a file, unless it is there already, and return its path.

    Parameters
    ----------
    url : str
        The address, or a name in `DATA_HUB`.
    folder : str
        Where the file goes.
    sha1_hash : str, optional
        What a file must have that is there already, in hexadecimal digits.
    """
    if not url.startswith(("http://", "https://")):
        if url not in DATA_HUB:
            raise ValueError(f"download: {url!r} is neither an address nor a name in DATA_HUB")
        url, sha1_hash = DATA_HUB[url]
    target = Path(folder) / url.rpartition("/")[2]
    if target.is_file() and (sha1_hash is None or _has_hash(target, sha1_hash)):
        return str(target)
    from urllib.request import urlopen

    os.makedirs(folder, exist_ok=True)
    print(f"Downloading {target} from {url}...")
    part = target.with_name(f"{target.name}.part")
    with urlopen(url, timeout=60) as answer:
        part.write_bytes(answer.read())
    os.replace(part, target)
    return str(target)


def extract(filename: str, folder: str | None = None) -> None:
    """Unpack a zip or tar file, into its own folder unless another is given."""
    import shutil

    shutil.unpack_archive(filename, os.path.dirname(filename) if folder is None else folder)
