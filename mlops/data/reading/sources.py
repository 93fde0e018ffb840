"""Sources: the bytes of a file, once they are known to be a table that can be read.

The content decides, not the name: parquet by its first bytes, text by being text. Whatever is something else is
refused by what it is. A gzip stream is expanded and another encoding is turned into UTF-8 on disk, so everything
above this module sees parquet or plain UTF-8.
"""

from __future__ import annotations

import codecs
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mlops.base.errors import DataError, shown

MAX_BYTES = 2 << 30
"""A file, and what a gzip stream expands to, may have this many bytes."""

CHUNK = 1 << 20

_OTHER = "Give a CSV, CSV.gz or parquet file."
_SAVE = "Save its table as CSV."
_EXPORT = "Export its data as CSV."
_UNPACK = "Unpack it first."

_SIGNATURES = (
    ("an Excel, Word or zip file", _SAVE, re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)|\xd0\xcf\x11\xe0")),
    (
        "a program",
        _OTHER,
        re.compile(rb"MZ(?=[^\n]*\0)|\x7fELF|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba"),
    ),
    ("a script", _OTHER, re.compile(rb"#!\s*/")),
    ("a PDF or RTF document", _EXPORT, re.compile(rb"%PDF-|\{\\rtf")),
    ("an image", _OTHER, re.compile(rb"\x89PNG|GIF8[79]a|\xff\xd8\xff|II\*\0|MM\0\*|BM(?=[^\n]{0,8}\0)|RIFF....WEBP")),
    ("a web page (HTML)", _SAVE, re.compile(rb"(?i:\s*<(!doctype\s+html|html|head|body|table)\b)")),
    ("XML", _EXPORT, re.compile(rb"\s*<\?xml|<stata_dta>")),
    ("JSON", _EXPORT, re.compile(rb"\s*(\{\s*[\"}]|\[\s*([\[{\"\d\]-]|true|false|null))")),
    ("an Arrow or Feather file", "Write it as parquet.", re.compile(rb"ARROW1|FEA1|\xff\xff\xff\xff..\0\0")),
    ("a Python pickle, which can run programs", "Write the table as parquet.", re.compile(rb"\x80[\x02-\x05]")),
    ("an SQLite database", _EXPORT, re.compile(rb"SQLite format 3\0")),
    (
        "a file of another program",
        _EXPORT,
        re.compile(rb"\x89HDF|\x93NUMPY|Obj\x01|ORC(?=[^\n]*\0)|\$FL[23]|RD[XA]\d\n"),
    ),
    ("an archive", _UNPACK, re.compile(rb"BZh\d1AY|\xfd7zXZ|7z\xbc\xaf|\x28\xb5\x2f\xfd|Rar!|(?s:.{257}ustar)")),
)
"""What a file is, what to do, and how it begins. A word that a header could begin with as well needs a NUL byte in its
first line."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; that of UTF-32 begins like that of UTF-16, so it comes first."""

_NO_ENCODINGS = ("undefined", "punycode", "idna", "unicode-escape", "unicode_escape", "raw-unicode-escape",
                 "raw_unicode_escape", "utf-7", "mbcs", "oem", "charmap")  # fmt: skip
"""Codecs of Python that turn bytes into text, but that no file is written in on purpose."""


@dataclass
class Source:
    """A file that is open for reading, as parquet or as UTF-8."""

    file: BinaryIO
    name: str
    format: str
    """``csv`` or ``parquet``."""
    compressed: bool
    bytes: int
    """Size on disk."""
    encoding: str | None = None
    """What the text was written in; None in a parquet file."""
    encoding_why: str = ""
    start: int = 0
    """Where the text begins, after a byte order mark."""
    end: int = 0


@contextmanager
def opened(path: str | Path, encoding: str | None = None) -> Iterator[Source]:
    """Open a file as a source of rows, or refuse it by what it is.

    Parameters
    ----------
    path : str or Path
        CSV, one gzip stream of CSV, or parquet.
    encoding : str, optional
        What the text is written in; told from a byte order mark or taken as UTF-8 if not given.

    Raises
    ------
    DataError
        If it cannot be opened, is too large, is something else, or holds bytes that are not of the encoding.
    """
    path = Path(path)
    encoding = encoding and _checked_encoding(encoding)
    try:
        size = path.stat().st_size
        file = open(path, "rb")  # noqa: SIM115 - closed by the with below
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise DataError(f"{shown(str(path))} cannot be read: {why}.", "Check the path.") from error
    with file, tempfile.TemporaryFile() as expanded, tempfile.TemporaryFile() as utf8:
        if size > MAX_BYTES:
            raise DataError(f"{path.name} has {size:,} bytes; at most {MAX_BYTES:,} are read.", "Split the file.")
        compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        content: BinaryIO = _expand(file, expanded, path.name) if compressed else file
        source = Source(content, path.name, _format(content, path.name, compressed, encoding), compressed, size)
        source.end = size
        if source.format == "csv":
            _as_utf8(source, encoding, utf8)
        yield source


def _expand(file: BinaryIO, into: BinaryIO, name: str) -> BinaryIO:
    """Expand a gzip stream on disk, not further than the limit."""
    try:
        with gzip.open(file) as stream:
            while chunk := stream.read(CHUNK):
                if into.tell() + len(chunk) > MAX_BYTES:
                    raise DataError(f"{name} expands to more than {MAX_BYTES:,} bytes.", "Split the file.")
                into.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is a damaged gzip file: {error}.", "Fetch the file again.") from error
    return into


def _format(file: BinaryIO, name: str, compressed: bool, encoding: str | None) -> str:
    """Tell csv from parquet; refuse everything else in words."""
    file.seek(0)
    head = file.read(4096)
    inside = " inside a gzip file" if compressed else ""
    if head[:4] == b"PAR1" and not compressed:
        return "parquet"
    if head[:4] in (b"PAR1", b"PARE") or head[:2] == b"\x1f\x8b":
        what = "gzip" if head[:2] == b"\x1f\x8b" else "parquet" if head[:4] == b"PAR1" else "encrypted parquet"
        raise DataError(f"{name} is {what}{inside}; gzip is read around one CSV only.", _UNPACK)
    for what, next_step, beginning in _SIGNATURES:
        if beginning.match(head):
            raise DataError(f"{name} is {what}{inside}, not a table.", next_step)
    if not head.strip():
        raise DataError(f"{name} is empty.", "Give a file with a header line and rows.")
    if b"\0" in head and encoding is None and not head.startswith(tuple(mark for mark, _ in _MARKS)):
        _refuse_nul(head, name)
    return "csv"


def _refuse_nul(head: bytes, name: str) -> None:
    """Refuse NUL bytes; where they are every second byte, the text is UTF-16 without its mark."""
    half = len(head) // 2
    for encoding, nul in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if nul.count(0) > 0.6 * half:
            raise DataError(f"{name} looks like UTF-16 without a byte order mark.", f"Say so: --encoding {encoding}.")
    raise DataError(f"{name} holds NUL bytes, so it is no text.", _OTHER)


def _checked_encoding(encoding: str) -> str:
    """Return the name of an encoding in which text files are written."""
    try:
        found = codecs.lookup(encoding)
        known = getattr(found, "_is_text_encoding", True) and found.name not in _NO_ENCODINGS
    except (LookupError, ValueError):
        known = False
    if not known:
        raise DataError(f"{shown(encoding)} is not an encoding of text files.", "Use utf-8, utf-16, cp1252 or latin-1.")
    return found.name.removesuffix("-sig")


def _as_utf8(source: Source, encoding: str | None, utf8: BinaryIO) -> None:
    """Check every byte of a text, and turn another encoding into UTF-8."""
    source.file.seek(0)
    head = source.file.read(4)
    mark, marked = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", "utf-8"))
    source.encoding = encoding or marked
    source.encoding_why = "a byte order mark says so" if mark else "every byte fits it"
    skip = len(mark) if source.encoding == marked else 0
    source.file.seek(skip)
    rewrite = source.encoding not in ("utf-8", "ascii")
    for text in _decoded(source):
        if "\0" in text:
            raise DataError(f"{source.name} holds NUL characters, so it is no text.", "Remove them.")
        if rewrite:
            utf8.write(text.encode())
            if utf8.tell() > MAX_BYTES:
                raise DataError(f"{source.name} holds more than {MAX_BYTES:,} bytes of text.", "Split the file.")
    if rewrite:
        source.file, skip = utf8, 0
    source.start, source.end = skip, source.file.seek(0, 2)


def _decoded(source: Source) -> Iterator[str]:
    """Yield the text of a source in chunks; refuse the first byte that is not of its encoding, with its line."""
    decoder = codecs.getincrementaldecoder(str(source.encoding))()
    line, chunk = 1, b"start"
    while chunk:
        chunk = source.file.read(CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            raise _undecodable(source, error, line) from error
        except UnicodeError as error:  # a text of UTF-16 that does not begin as one
            what = f"{source.name} is not {source.encoding}: {error}."
            raise DataError(what, "Choose another encoding, for example --encoding utf-16-le.") from error
        line += text.count("\n")
        yield text


def _undecodable(source: Source, error: UnicodeDecodeError, line: int) -> DataError:
    """Return the refusal of a byte, with what its cell would be in two other encodings."""
    got = f"0x{error.object[error.start]:02x}"
    before = re.split(rb"[,;\t|\n\r]", error.object[max(error.start - 60, 0) : error.start])[-1]
    after = re.split(rb"[,;\t|\n\r]", error.object[error.start : error.start + 60])[0]
    readings = []
    for encoding in ("cp1252", "latin-1"):
        try:
            readings.append(f"{shown((before + after).decode(encoding).strip(chr(34)))} in {encoding}")
        except UnicodeDecodeError:
            continue
    return DataError(
        f"{source.name} is not {source.encoding}: line {line} holds the byte {got}. "
        f"Its cell reads {' and '.join(readings)}.",
        "Choose the one that is right, for example --encoding cp1252.",
        [{"row": line, "field": None, "expected": source.encoding, "got": got}],
    )
