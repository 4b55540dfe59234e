"""Getting files from the internet."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

_CHUNK = 1 << 16


def download(urls: Sequence[str], path: Path, md5: str, *, max_bytes: int = 1 << 28, timeout: float = 30) -> None:
    """Get a file from the first address that has it, and keep it only if its hash is right.

    Parameters
    ----------
    urls : sequence of str
        Addresses of the same file.
    path : Path
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
    path.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for url in urls:
        try:
            _fetch(url, path, md5, max_bytes, timeout)
            return
        except (OSError, ValueError) as error:
            reasons.append(f"  {url}: {error}")
    raise RuntimeError(
        f"{path.name} could not be downloaded:\n" + "\n".join(reasons) + "\n"
        f"Without a connection to the internet, put the file into {path.parent} by hand."
    )


def _fetch(url: str, path: Path, md5: str, max_bytes: int, timeout: float) -> None:
    from http.client import HTTPException
    from urllib.request import urlopen

    hasher = hashlib.md5(usedforsecurity=False)
    handle, name = tempfile.mkstemp(prefix=path.name + ".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as part, urlopen(url, timeout=timeout) as answer:
            while piece := answer.read(_CHUNK):
                hasher.update(piece)
                part.write(piece)
                if part.tell() > max_bytes:
                    raise ValueError(f"the file has more than {max_bytes} bytes")
        if hasher.hexdigest() != md5:
            raise ValueError(f"the file's MD5 is {hasher.hexdigest()}, expected {md5}")
        os.replace(name, path)
    except HTTPException as error:
        raise ValueError(f"the answer was cut off ({error!r})") from None
    finally:
        if os.path.exists(name):
            os.unlink(name)
