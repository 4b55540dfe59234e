"""What MkDocs cannot read from files: the API, the notebooks, the results of the benchmarks, and formulas as MathML."""

from __future__ import annotations

import html
import importlib
import json
import re
import sys
import tempfile
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import griffe
from latex2mathml.converter import convert
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "python" / "benchmarks"
# They speak the names of other frameworks, whose documentation is elsewhere.
DIALECTS = ("dialects", "jax", "mxnet", "tensorflow", "torch")
FORMULA = re.compile(r'<(span|div) class="arithmatex">\\([(\[])(.*?)\\[)\]]</\1>', re.DOTALL)
INLINE_FORMULA = re.compile(r"\$[^$]+\$")
# A prime is raised already: as an exponent it would be raised, and made small, twice.
PRIME = re.compile("<msup>(<mi>[^<]*</mi>)(<mi>&#x0203[2-4];</mi>)</msup>")
# The bars of an absolute value; browsers take them for operators, with space on both sides.
BAR = '<mo stretchy="false">&#x0007C;</mo>'
# A name or a number of a length that a line of a phone holds.
WORD = re.compile(r"<code>([^<\s]{2,30})</code>")
# It has a page of its own, and methods written in C, which only their names bring there.
TENSOR = "swiftconv.tensor.Tensor"
WITHOUT_HEADING = "    options: {show_root_heading: false, show_root_toc_entry: false"
NATIVE_METHODS = "[detach, item, numel, retain_grad]"


def public_modules(package: griffe.Module) -> list[griffe.Module]:
    """The package and those of its modules that say in `__all__` what is public, without the dialects."""
    found = [package] if package.exports is not None else []
    for name, module in sorted(package.modules.items()):
        if not module.is_alias and not name.startswith("_") and module.path.split(".")[1] not in DIALECTS:
            found += public_modules(module)
    return found


@cache
def package() -> griffe.Module:
    extensions = griffe.load_extensions(str(ROOT / "docs" / "docstrings.py"))
    loaded = griffe.load(
        "swiftconv", search_paths=[str(ROOT / "python")], allow_inspection=False, extensions=extensions
    )
    assert isinstance(loaded, griffe.Module)
    return loaded


def definition(thing: griffe.Object | griffe.Alias) -> griffe.Object:
    """What a name stands for, where it was imported or is another name (`absolute = abs`)."""
    found = thing.final_target if thing.is_alias else thing
    if found.is_module:  # `models.alexnet` is the function, which hides the module that it is in
        return found.members.get(found.name, found)
    other = found.module.members.get(str(getattr(found, "value", None)))
    return definition(other) if other is not None else found


def exported(module: griffe.Module) -> list[griffe.Object]:
    """The functions and classes that a module says are public."""
    things = [module.members.get(str(name)) for name in module.exports or ()]
    targets = [definition(thing) for thing in things if thing is not None]
    return [each for each in targets if not each.is_module and each.docstring is not None]


@cache
def pages() -> dict[str, list[str]]:
    """The public things by the module on whose page they are: that which defines them, or the innermost with them."""
    modules = public_modules(package())
    homes: dict[str, str] = {TENSOR: "swiftconv.Tensor"}
    for module in sorted(modules, key=lambda module: -module.path.count(".")):
        for target in exported(module):
            is_at_home = target.path.rpartition(".")[0] == module.path
            homes[target.path] = module.path if is_at_home else homes.get(target.path, module.path)
    found: dict[str, list[str]] = {"swiftconv": [], "swiftconv.Tensor": [], **{each.path: [] for each in modules}}
    for path, home in homes.items():
        found[home].append(path)
    return {path: things for path, things in found.items() if things}


def summary(thing: griffe.Object) -> str:
    return thing.docstring.value.partition("\n")[0] if thing.docstring else ""


def in_table(text: str) -> str:
    """The text without bars, which would begin another column."""
    return INLINE_FORMULA.sub(lambda found: found[0].replace("|", r"{\vert}"), text).replace("|", r"\|")


def tensor_functions() -> str:
    """The tables of the methods that are functions as well, with links, and of those that work in place."""
    rows, in_place = [], []
    for name, member in sorted(package()["tensor.Tensor"].members.items()):
        module, _, function = str(getattr(member, "value", "")).partition(".")
        if module == "_in_place":
            in_place.append(f"`{name}`")
        elif module == "ops" and not name.startswith("_"):
            target = definition(package()["ops"].members[function])
            rows.append(f"| [`{name}`][{target.path}] | {in_table(summary(target))} |")
    return "\n".join(
        ["## Methods that are functions too", "", "| Method | |", "|---|---|", *rows, ""]
        + [
            "## Methods that work in place",
            "",
            "They store their result in the tensor:",
            "",
            ", ".join(in_place) + ".",
            "",
        ]
    )


def elsewhere(name: str, things: list[str]) -> str:
    """Where a module's names are explained that another one defines; packages have all the names of their modules."""
    module = package()[name.partition(".")[2]] if "." in name else package()
    others = [] if module.is_init_module else [each for each in exported(module) if each.path not in things]
    links = ", ".join(f"[`{each.name}`][{each.path}]" for each in others)
    return f"Also here: {links}." if links else ""


def page(module: str, things: list[str]) -> str:
    """The Markdown of a module's page."""
    if things == [TENSOR]:
        options = f"{WITHOUT_HEADING}, inherited_members: {NATIVE_METHODS}}}"
        return "\n".join([f"# Tensor {{ #{TENSOR} }}", "", f"::: {TENSOR}", options, "", tensor_functions()])
    options = f"{WITHOUT_HEADING}, members: false}}"
    heading = module.replace(".", ".<wbr>")  # a narrow page breaks it there
    return "\n".join(
        [f"# {heading} {{ #{module} }}", "", f"::: {module}", options, "", elsewhere(module, things), ""]
        + [f"::: {thing}\n" for thing in things]
    )


def address(module: str) -> str:
    return f"api/{module}.md"


def nav() -> list[Any]:
    """The pages of the API, those of a package together."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for module in pages():
        parts = module.split(".")
        is_package = (ROOT / "python" / Path(*parts) / "__init__.py").exists()
        group = ".".join(parts if is_package else parts[:-1])
        groups[group].append({module.removeprefix(f"{group}.") if module != group else group: address(module)})
    return [each[0] if len(each) == 1 else {group: each} for group, each in groups.items()]


@cache
def reports() -> list[dict[str, Any]]:
    """What the benchmark has measured."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted((BENCHMARKS / "results").glob("*.json"))]
    return [report for report in found if "runs" in report]


@cache
def benchmark_table() -> Any:
    """The benchmark's own module that makes tables and plots."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("table")
    finally:
        sys.path.remove(str(BENCHMARKS))


def results() -> str:
    if not reports():
        return "No results are stored with these sources; `python/benchmarks/README.md` says how to measure.\n"
    picture = "![The best other library's time, divided by swiftconv's](speed.svg)"
    return f"{picture}\n\n{benchmark_table().document(reports(), is_short=False)}"


def plot() -> str:
    with tempfile.NamedTemporaryFile(suffix=".svg") as file:
        benchmark_table().plot(reports()[-1], Path(file.name))
        return Path(file.name).read_text("utf-8")


@cache
def notebooks() -> Any:
    """The module beside this one that makes pages of notebooks; MkDocs does not put their folder on the path."""
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        return importlib.import_module("notebooks")
    finally:
        sys.path.pop(0)


def on_config(config: Any) -> Any:
    made = {"API": nav(), "Notebooks": [f"notebooks/{name}.md" for name in notebooks().pages()]}
    config.nav = [
        {title: [*(pages if isinstance(pages, list) else []), *made[title]]} if title in made else {title: pages}
        for entry in config.nav
        for title, pages in entry.items()
    ]
    return config


def on_files(files: Any, config: Any) -> Any:
    for module, things in pages().items():
        files.append(File.generated(config, address(module), content=page(module, things)))
    for name, (text, pictures) in notebooks().pages().items():
        files.append(File.generated(config, f"notebooks/{name}.md", content=text))
        for file, content in pictures.items():
            files.append(File.generated(config, f"notebooks/{file}", content=content))
    if reports():
        files.append(File.generated(config, "speed.svg", content=plot()))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    return markdown.replace("<!-- benchmark results -->", results()) if "<!-- benchmark" in markdown else markdown


def on_page_content(content: str, **_: Any) -> str:
    """Draw formulas as MathML, which needs no script, and mark the code that is one word, which is not broken."""

    def formula(found: re.Match[str]) -> str:
        drawn = convert(html.unescape(found[3]), display="block" if found[2] == "[" else "inline")
        drawn = drawn.replace(BAR, BAR.replace(">", ' lspace="0" rspace="0">', 1))
        drawn = PRIME.sub(r"<mrow>\1\2</mrow>", drawn)
        return f'<div class="formula">{drawn}</div>' if found[2] == "[" else drawn

    return WORD.sub(r'<code class="word">\1</code>', FORMULA.sub(formula, content))
