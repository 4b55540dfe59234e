"""What the finished pages of the API must not show: other defaults than Python's, private names, unconverted notation.

python docs/check.py SITE
"""

from __future__ import annotations

import html
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name

HEADING = re.compile(r'<h[1-6] id="(swiftconv[\w.]*)"')
SECTION = re.compile(r'<span class="doc-section-title">')
# Several have one default when nothing is said between them.
PARAMETERS = re.compile(r"((?:<b><code[^>]*>[*\w]+</code></b>,?\s*)+)")
DEFAULT = re.compile(r'<code class="default">(.*?)</code>')
SIGNATURE = re.compile(r'<div class="doc-signature.*?</pre>|<li class="doc-section-item.*?–', re.DOTALL)
# Examples and formulas have marks of their own.
DRAWN = re.compile(r"<(pre|math)\b.*?</\1>", re.DOTALL)
# These stand on a page only where a docstring, or what converts it, is wrong.
UNCONVERTED = re.compile(r":math:|\.\. \w+::|\$\$|\\[a-z]+\b|`|[\x00-\x08\x0b-\x1f]")
WITHOUT_TEXT = re.compile(r'–\s*<div class="doc-md-description">\s*</div>')
PRIVATE = re.compile(r"(?<![\w.])_[A-Za-z]\w*")


def text_of(part: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", part))


def wrong_defaults(name: str, part: str) -> Iterator[str]:
    """The parameters whose defaults are not those of the signature."""
    for section in SECTION.split(part):
        if section.startswith("Parameters:"):
            thing = resolve_name(name)
            signature, scope = inspect.signature(thing).parameters, vars(sys.modules[thing.__module__])
            pieces = PARAMETERS.split(section)
            for names, details in zip(pieces[1::2], pieces[2::2], strict=True):
                shown = DEFAULT.search(details)
                given = eval(text_of(shown[1]), dict(scope)) if shown else inspect.Parameter.empty
                for parameter in re.findall(r"\w+", text_of(names)):
                    wanted = signature[parameter].default
                    if given is not wanted and given != wanted:
                        yield f"the default of {parameter} is shown as {given}, and is {wanted}"


def mistakes(name: str, part: str) -> Iterator[str]:
    """What is wrong in the part of a page that explains a thing."""
    yield from wrong_defaults(name, part)
    text = text_of(DRAWN.sub("", part))
    for found in UNCONVERTED.finditer(text):
        yield f"not converted: {text[max(found.start() - 20, 0) : found.end() + 20]!r}"
    for found in PRIVATE.findall(" ".join(map(text_of, SIGNATURE.findall(part)))):
        yield f"a private name: {found}"
    if WITHOUT_TEXT.search(part):
        yield "an item without a description"


def main(site: Path) -> None:
    found, count = [], 0
    for path in sorted((site / "api").glob("*.html")):
        pieces = HEADING.split(path.read_text("utf-8"))
        for name, part in zip(pieces[1::2], pieces[2::2], strict=True):
            count += 1
            found += [f"{path.name}, {name}: {each}" for each in mistakes(name, part)]
    print(*found, f"{count} entries of the API are checked.", sep="\n")
    sys.exit(bool(found) or not count)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
