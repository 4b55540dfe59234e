"""Getting files from the internet."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from http.client import HTTPException
from urllib.request import urlopen

_CHUNK = 1 << 16


def download(urls: Sequence[str], path: str, md5: str, *, max_bytes: int = 1 << 28, timeout: float = 30) -> None:
    """Get a file from the first address that has it, and keep it only if its hash is right.

    Parameters
    ----------
    urls : sequence of str
        Addresses of the same file.
    path : str
        Where it goes; its folder is made. Nothing is there until the file is complete.
    md5 : str
        The hash of the right file.
    max_bytes : int
        More than this is not read.
    timeout : float
        Seconds to wait for an answer.

    Raises
    ------
    RuntimeError
        When no address has the right file. The text says why not, and where to put the file by hand.
    """
    folder, name = os.path.split(path)
    os.makedirs(folder, exist_ok=True)
    reasons = []
    for url in urls:
        try:
            _fetch(url, path, md5, max_bytes, timeout)
            return
        except (OSError, ValueError, HTTPException) as error:
            reasons.append(f"  {url}: {error}")
    raise RuntimeError(
        f"{name} could not be downloaded:\n" + "\n".join(reasons) + "\n"
        f"Without a connection to the internet, put the file into {folder} by hand."
    )


def _fetch(url: str, path: str, md5: str, max_bytes: int, timeout: float) -> None:
    hasher = hashlib.md5(usedforsecurity=False)
    with tempfile.TemporaryDirectory(prefix=".download-", dir=os.path.dirname(path)) as beside:
        name = os.path.join(beside, "part")
        with urlopen(url, timeout=timeout) as answer, open(name, "wb") as part:
            while piece := answer.read(_CHUNK):
                hasher.update(piece)
                part.write(piece)
                if part.tell() > max_bytes:
                    raise ValueError(f"the file has more than {max_bytes} bytes")
        if hasher.hexdigest() != md5:
            raise ValueError(f"the file's MD5 is {hasher.hexdigest()}, expected {md5}")
        os.replace(name, path)
