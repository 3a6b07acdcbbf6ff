"""Files and directories to documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from os.path import realpath
from pathlib import Path
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.kinds import KINDS
from webhook.inventory.manifests import Manifests
from webhook.validation.documents import Document, Unreadable, read_documents
from webhook.validation.limits import OF_FILES

STANDARD_INPUT: Final = "-"
_ENDINGS: Final = frozenset({".yaml", ".yml", ".json"})
"""As kubectl takes them from a directory; a file that is named is taken whatever it is called."""


def as_it_is(text: str, _name: str) -> str:
    return text


def documents_in(
    named: Iterable[str],
    *,
    recursive: bool,
    read_input: Callable[[], bytes],
    prepare: Callable[[str, str], str] = as_it_is,
) -> Iterator[Document | Unreadable]:
    """`named` are files, directories and `-`. Each file is read once, however often it is named.

    `prepare` gets a text and the name of its file, and gives the text to read.
    """
    seen: set[str] = set()  # of realpath, which takes a loop of symbolic links as it comes; Path.resolve raises
    for name in named:
        if name == STANDARD_INPUT:
            yield from _of_bytes(read_input(), name, prepare)
            continue
        if not name:  # which is the working directory to Python, and a variable without a value in a script
            yield Unreadable("-f", "the name of a file is empty")
            continue
        for path in _files(Path(name), recursive=recursive):
            if isinstance(path, Unreadable):
                yield path
            elif (real := realpath(path)) not in seen:
                seen.add(real)
                yield from _of_file(path, prepare)


def inventory_in(directory: str) -> tuple[Manifests, list[Unreadable]]:
    """The objects in a directory and below it, and what could not be read of them.

    kubectl prints an empty List without saying of what; then a file named after the kind does: `vd.yaml`. An empty
    file says nothing: it is what a failed export leaves. Where there are objects, they tell their kind, not the name.
    """
    objects: list[Mapping[str, Any]] = []
    unreadable: list[Unreadable] = []
    listed: list[Kind[Any]] = []
    for path in _files(Path(directory), recursive=True):
        if isinstance(path, Unreadable):
            unreadable.append(path)
            continue
        read = list(_of_file(path))
        unreadable += [each for each in read if isinstance(each, Unreadable)]
        objects += [each.object for each in read if isinstance(each, Document) and each.object is not None]
        kind = _NAMED.get(path.stem.casefold())
        if kind is not None and not read and path.stat().st_size > 0:
            listed.append(kind)
    return Manifests(objects, listed=listed), unreadable


def _names_of(kind: Kind[Any]) -> Iterator[str]:
    yield from (kind.plural, kind.resource, kind.name.casefold())
    yield from kind.definition.short_names if kind.definition is not None else ()


_NAMED: Final[Mapping[str, Kind[Any]]] = {name: kind for kind in KINDS for name in _names_of(kind)}


def _files(path: Path, *, recursive: bool) -> Iterator[Path | Unreadable]:
    try:
        if not path.is_dir():
            yield path
            return
        found = sorted(path.rglob("*") if recursive else path.iterdir())
    except OSError as error:
        yield Unreadable(str(path), error.strerror or str(error))
        return
    yield from (each for each in found if each.suffix.casefold() in _ENDINGS and each.is_file())


def _of_file(path: Path, prepare: Callable[[str, str], str] = as_it_is) -> Iterator[Document | Unreadable]:
    try:
        content = path.read_bytes()
    except OSError as error:
        yield Unreadable(str(path), error.strerror or str(error))
        return
    yield from _of_bytes(content, str(path), prepare)


def _of_bytes(content: bytes, name: str, prepare: Callable[[str, str], str]) -> Iterator[Document | Unreadable]:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        yield Unreadable(name, "this is not UTF-8", content.count(b"\n", 0, error.start) + 1, 1)
        return
    yield from read_documents(prepare(text, name), name, OF_FILES)
