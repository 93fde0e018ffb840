"""Files as they come: what each must be refused for, or how it must be read.

One record for each rule of `mlops.data.reading.sources`, `dialects`, `sniffing`, `headers`, `delimited` and `parquet`.
"""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet


@dataclass(frozen=True)
class Refused:
    """A file that is no table, or of which nobody can tell how it is meant."""

    name: str
    content: bytes
    said: str
    """What the message says, as a regular expression."""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A file that looks difficult and is read right."""

    name: str
    content: bytes
    columns: dict[str, list[Any]]
    notes: tuple[str, ...] = ()
    """Codes of the notes, the frequent ``missing`` and ``trimmed`` left out."""
    options: dict[str, Any] = field(default_factory=dict)


def parquet(table: pa.Table, **how: Any) -> bytes:
    """Return a table as the bytes of a parquet file."""
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, **how)
    return sink.getvalue()


def feather(table: pa.Table) -> bytes:
    """Return a table as the bytes of a Feather file, which is Arrow."""
    sink = io.BytesIO()
    pyarrow.feather.write_feather(table, sink)
    return sink.getvalue()


def numpy_file() -> bytes:
    """Return an array as the bytes of a .npy file."""
    sink = io.BytesIO()
    np.save(sink, np.arange(3))
    return sink.getvalue()


SMALL = pa.table({"a": [1, 2]})
TEXT = b"a,b\n1,2\n3,4\n"

REFUSED = (
    # What is no table
    Refused("workbook.xlsx", b"PK\x03\x04" + b"\0" * 40, "is an Excel, Word or zip file"),
    Refused("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40, "is an Excel, Word or zip file"),
    Refused("renamed_zip.csv", b"PK\x05\x06" + b"\0" * 18, "is an Excel, Word or zip file"),
    Refused("windows.exe", b"MZ\x90\0\x03\0\0\0", "is a program"),
    Refused("linux.csv", b"\x7fELF\x02\x01\x01" + b"\0" * 20, "is a program"),
    Refused("mac.csv", b"\xcf\xfa\xed\xfe\x07\0\0\x01", "is a program"),
    Refused("script.csv", b"#!/bin/sh\nrm -rf /\n", "is a script"),
    Refused("paper.csv", b"%PDF-1.7\n", "is a PDF"),
    Refused("picture.csv", b"\x89PNG\r\n\x1a\n\0\0", "is an image"),
    Refused("photo.csv", b"\xff\xd8\xff\xe0\0\x10JFIF", "is an image"),
    Refused("page.csv", b"\n<!DOCTYPE html>\n<html><table>", "is a web page"),
    Refused("login.csv", b"<HTML><body>log in first", "is a web page"),
    Refused("feed.csv", b'<?xml version="1.0"?><a/>', "is XML"),
    Refused("records.csv", b'[{"a": 1}, {"a": 2}]', "is JSON"),
    Refused("lines.csv", b'{"a": 1}\n{"a": 2}\n', "is JSON"),
    Refused("frame.csv", feather(SMALL), "is an Arrow or Feather file"),
    Refused("model.csv", b"\x80\x04\x95\x10\0\0\0", "is a Python pickle"),
    Refused("base.csv", b"SQLite format 3\0" + b"\0" * 80, "is an SQLite database"),
    Refused("array.csv", numpy_file(), "is a file of another program"),
    Refused("data.csv.bz2", b"BZh91AY&SY", "is an archive"),
    Refused("data.tar", b"a.csv".ljust(257, b"\0") + b"ustar\0", "is an archive"),
    Refused("data.tar.gz", gzip.compress(b"a.csv".ljust(257, b"\0") + b"ustar\0"), "is an archive inside a gzip file"),
    Refused("twice.csv.gz", gzip.compress(gzip.compress(TEXT)), "is gzip inside a gzip file"),
    Refused("parquet.gz", gzip.compress(parquet(SMALL)), "is parquet inside a gzip file"),
    Refused("program.csv.gz", gzip.compress(b"\x7fELF\x02"), "is a program inside a gzip file"),
    Refused("cut.csv.gz", gzip.compress(TEXT)[:-6], "is a damaged gzip file"),
    Refused("garbage.csv.gz", gzip.compress(TEXT)[:10] + b"\xff" * 20, "is a damaged gzip file"),
    Refused("trailing.csv.gz", gzip.compress(TEXT) + b"more", "is a damaged gzip file"),
    # What is empty
    Refused("empty.csv", b"", "is empty"),
    Refused("blank.csv", b"\n\n  \n", "is empty"),
    Refused("empty.csv.gz", gzip.compress(b""), "is empty"),
    Refused("only_a_mark.csv", b"\xef\xbb\xbf", "is empty"),
    Refused("header.csv", b"a,b\n", "has a header but no rows"),
    Refused("header_and_footer.csv", b"a,b\n\nSource: us\n", "has a header but no rows"),
    # Encodings
    Refused("latin.csv", b"name,n\nAda,1\ncaf\xe9,2\n", "is not utf-8: line 3 holds the byte 0xe9. Its cell reads 'café' in cp1252"),
    Refused("nul.csv", b"a,b\n1,\0\n", "holds NUL bytes"),
    Refused("late_nul.csv", b"a,b\n" + b"1,2\n" * 2000 + b"1,\0\n", "holds NUL characters"),
    Refused("utf16.csv", "a,b\n1,2\n".encode("utf-16-le"), "looks like UTF-16 without a byte order mark. Say so: --encoding utf-16-le"),
    Refused("utf16_be.csv", "a,b\n1,2\n".encode("utf-16-be"), "--encoding utf-16-be"),
    Refused("half.csv", "a,b\n1,x\n".encode("utf-16")[:-1], "is not utf-16-le"),
    Refused("unmarked.csv", TEXT, "is not utf-16: UTF-16 stream does not start with BOM", {"encoding": "utf-16"}),
    *(
        Refused(f"{codec}.csv", TEXT, "is not an encoding of text files", {"encoding": codec})
        for codec in ("klingon", "base64", "rot13", "undefined", "punycode", "idna", "unicode_escape", "utf-7", "a\0b", "zip")
    ),
    # Separators
    Refused("two_ways.csv", b"a,b;c\n1,2;3\n4,5;6\n", "could be separated by comma .2 columns. or by semicolon"),
    Refused("colons.csv", b"a:b\n1:2\n3:4\n", "has one column, or ':' separates 2"),
    Refused("words.csv", b"text\nyes\nhello, world\n", "line 3: 2 fields, but the header names 1"),
    Refused("no_separator.csv", TEXT, "'ab' cannot separate fields", {"delimiter": "ab"}),
    Refused("no_mark.csv", TEXT, "'x' is no decimal mark", {"decimal": "x"}),
    Refused("no_quote.csv", TEXT, "'x' is no quote", {"quote": "x"}),
    # Records
    Refused("long.csv", b"a,b\n1,2\n1,2,3\n", "line 3: 3 fields, but the header names 2"),
    Refused("short.csv", b"a,b\n1\n1,2\n", "line 2: 1 fields, but the header names 2"),
    Refused("row_names.csv", b"a,b\nx,1,2\ny,3,4\n", "line 2: 3 fields, but the header names 2|seems to have no header"),
    Refused("cut_off.csv", b"a,b,c\n1,2,3\n4,5,6\n7,8", "line 4: 2 fields.*--footer-lines"),
    Refused("late.csv", b"a,b\n" + b"1,2\n" * 300_000 + b"1,2,3\n", "line 300002: 3 fields"),
    Refused("after_newline.csv", b'a,b\n"x\ny",2\n1,2,3\n', "line 4: 3 fields"),
    Refused("after_blank.csv", b"a,b\n1,2\n\n\n1,2,3,4\n", "line 5: 4 fields"),
    Refused("white_line.csv", b"a,b\n1,2\n  \n3,4\n", "line 3: 1 fields"),
    Refused("open.csv", b'a,b\n1,2\n"open,2\n3,4\n', "line 3: a quote that opens here is not closed"),
    Refused("inner.csv", b'a,b\n1,"x"y"\n', "line 2: a quote inside a quoted field is not doubled"),
    Refused("escaped.csv", b'a,b\n"x\\"y",1\n', "line 2: a quote inside a quoted field is not doubled"),
    Refused("nested.csv", b'a,b,c\n"x,"y",z"\n', "line 2: a quote inside a quoted field is not doubled"),
    Refused("late_quote.csv", b'a,b\n' + b'"x",2\n' * 300_000 + b'"x"y,2\n', "line 300002: a quote"),
    Refused("spaced_quote.csv", b'a,b\n1, "x"\n', "line 2: white space stands before a quote"),
    Refused("long_cell.csv", b"a,b\n1," + b"x" * 1_000_001 + b"\n", "line 2: a cell has more than 1,000,000 characters"),
    # Headers
    Refused("same_names.csv", b"a,a\n1,2\n", "name of column 2 is 'a' a second time.*--fix-names"),
    Refused("no_name.csv", b"a,\n1,2\n", "name of column 2 is blank.*--fix-names"),
    Refused("long_name.csv", b"a," + b"b" * 201 + b"\n1,2\n", "more than 200 characters"),
    Refused("control.csv", b'a,"b\x07"\n1,2\n', "control character"),
    Refused("no_header.csv", b"5.1,3.5,setosa\n4.9,3.0,setosa\n", "seems to have no header.*--header-line 0"),
    Refused("no_header_2.csv", b"Bob,1985\nAnn,1990\nEve,1991\n", "seems to have no header.*'1985'"),
    Refused("many_columns.csv", b",".join(b"c%d" % n for n in range(10_001)) + b"\n" + b",".join([b"x"] * 10_001) + b"\n", "10,001 columns; at most 10,000"),
    Refused("beyond.csv", TEXT, "has 3 lines, so no header on line 9", {"header_line": 9}),
    Refused("unknown_column.csv", TEXT, "no column 'z' to give a type. Columns: a, b", {"types": {"z": "text"}}),
    # Values
    Refused("misfit.csv", b"a,b\n1,x\nold,y\n", "Column 'a', row 2: 'old' is not of type integer", {"types": {"a": "integer"}}),
    Refused("two_units.csv", b"w,b\n12 kg,1\n30 lb,2\n", "different units .'kg', 'lb'", {"types": {"w": "number"}}),
    Refused("some_units.csv", b"w,b\n12 kg,1\n30,2\n", "different units .'kg', none", {"types": {"w": "number"}}),
    Refused("which_date.csv", b"d,b\n01/02/2024,1\n", "day first or month first.*--dates", {"types": {"d": "date"}}),
    # Parquet
    Refused("broken.parquet", b"PAR1 and then nothing", "is a damaged parquet file"),
    Refused("encrypted.parquet", b"PARE" + b"\0" * 20, "is encrypted parquet"),
    Refused("list.parquet", parquet(pa.table({"a": [[1, 2]]})), "Column 'a'.* must be a number, text, boolean, date or time"),
    Refused("no_rows.parquet", parquet(SMALL.slice(0, 0)), "has a header but no rows"),
    Refused("no_columns.parquet", parquet(pa.table({})), "has no columns"),
    Refused("two_names.parquet", parquet(pa.table([[1], [2]], names=["a", "a"])), "'a' a second time"),
    Refused("long_cell.parquet", parquet(pa.table({"a": ["x" * 1_000_001]})), "a cell of more than 1,000,000 characters"),
    Refused("wide.parquet", parquet(pa.table({f"c{n}": [1] for n in range(10_001)})), "has 10,001 columns"),
)  # fmt: skip

AB = {"a": [1, 3], "b": ["x,y", "z"]}

READ = (
    # Containers and encodings
    Read("plain.txt", b'a,b\n1,"x,y"\n3,z\n', AB),
    Read("no_name_at_all", b'a,b\n1,"x,y"\n3,z\n', AB),
    Read("gzip.csv", gzip.compress(b'a,b\n1,"x,y"\n3,z\n'), AB),
    Read("two_members.csv.gz", gzip.compress(b"a,b\n1,x\n") + gzip.compress(b"3,z\n"), {"a": [1, 3], "b": ["x", "z"]}),
    Read("named.csv", parquet(SMALL), {"a": [1, 2]}),
    Read("marked.csv", b'\xef\xbb\xbfa,b\n1,"x,y"\n3,z\n', AB),
    Read("utf16.csv", 'a,b\n1,"x,y"\n3,z\n'.encode("utf-16"), AB),
    Read("utf16_be.csv", ("\ufeff" + 'a,b\n1,"x,y"\n3,z\n').encode("utf-16-be"), AB),
    Read("utf32.csv", 'a,b\n1,"x,y"\n3,z\n'.encode("utf-32"), AB),
    Read("utf16_said.csv", "a,b\n1,é\n".encode("utf-16-le"), {"a": [1], "b": ["é"]}, options={"encoding": "utf-16-le"}),
    Read("cp1252.csv", b"a,b\n1,caf\xe9 \x80\n", {"a": [1], "b": ["café €"]}, options={"encoding": "cp1252"}),
    Read("mz.csv", b"MZ,b\n1,2\n", {"MZ": [1], "b": [2]}),
    Read("bracket.csv", b"[id],[name]\n1,x\n", {"[id]": [1], "[name]": ["x"]}),
    # Separators, quotes, line ends
    Read("semicolon.csv", b"a;b\n1;x,y\n3;z\n", AB),
    Read("tab.csv", b"a\tb\n1\tx,y\n3\tz\n", AB),
    Read("bar.csv", b"a|b\n1|x,y\n3|z\n", AB),
    Read("colon.csv", b"a:b\n1:x,y\n3:z\n", AB, options={"delimiter": ":"}),
    Read("windows.csv", b'a,b\r\n1,"x,y"\r\n3,z\r\n', AB),
    Read("old_mac.csv", b'a,b\r1,"x,y"\r3,z\r', AB),
    Read("no_end.csv", b'a,b\n1,"x,y"\n3,z', AB),
    Read("single_quotes.csv", b"a,b\n1,'x,y'\n3,'z'\n", AB),
    Read("apostrophes.csv", b"a,b\n1,'tis\n3,rock 'n' roll\n", {"a": [1, 3], "b": ["'tis", "rock 'n' roll"]}),
    Read("inches.csv", b'a,b\n1,5" pipe\n3,z\n', {"a": [1, 3], "b": ['5" pipe', "z"]}),
    Read("no_quotes.csv", b'a,b\n1,"x\n3,z\n', {"a": [1, 3], "b": ['"x', "z"]}, options={"quote": ""}),
    Read("newlines.csv", b'a,b\n1,"x\r\ny"\n3,"z\n\nz"\n', {"a": [1, 3], "b": ["x\r\ny", "z\n\nz"]}),
    Read("blank_lines.csv", b'\na,b\n\n1,"x,y"\n\n\n3,z\n\n', AB, ("blank_lines",)),
    Read("one_column.csv", b"a\n1\n2\n", {"a": [1, 2]}),
    Read("gaps_in_one_column.csv", b"a\n1\n\n2\n\n", {"a": [1, None, 2]}),
    Read("formulas.csv", b'a,b\n1,=1+1\n3,"=HYPERLINK(""x"")"\n', {"a": [1, 3], "b": ["=1+1", '=HYPERLINK("x")']}),
    # Lines that are no records
    Read("preamble.csv", b"Report of Ada\n2024\n\na,b,c\n1,2,3\n4,5,6\n", {"a": [1, 4], "b": [2, 5], "c": [3, 6]}, ("preamble",)),
    Read("padded.csv", b"Report,,\na,b,c\n1,2,3\n4,5,6\n", {"a": [1, 4], "b": [2, 5], "c": [3, 6]}, ("preamble",)),
    Read("comment.csv", b"# made by Ada, Bob, Eve\na,b\n1,2\n", {"a": [1], "b": [2]}, ("preamble",)),
    Read("said_header.csv", b"1,2\nx,y\na,b\n1,2\n", {"a": [1], "b": [2]}, options={"header_line": 3}),
    Read("units.csv", b"id,height,weight\n,cm,kg\nx,180,70\ny,170,65\n", {"id": ["x", "y"], "height": [180, 170], "weight": [70, 65]}, ("units_line",)),
    Read("words_first.csv", b"id,age\nx,unknown\ny,30\nz,40\n", {"id": ["x", "y", "z"], "age": ["unknown", "30", "40"]}, ("hidden_missing",)),
    Read("kept_units.csv", b"id,h,w\n,cm,kg\nx,180,70\ny,170,65\n", {"id": [None, "x", "y"], "h": ["cm", "180", "170"], "w": ["kg", "70", "65"]}, options={"units_line": False}),
    Read("total.csv", b"a,b\n1,2\n3,4\nTotal,\n", {"a": [1, 3], "b": [2, 4]}, ("footer",)),
    Read("source.csv", b"a,b,c\n1,2,3\n\nSource: Ada, 2024\nmade on Monday\n\n", {"a": [1], "b": [2], "c": [3]}, ("footer",)),
    Read("comment_below.csv", b"a,b\n1,2\n# 1 row\n", {"a": [1], "b": [2]}, ("footer",)),
    Read("said_footer.csv", b"a,b,c\n1,2,3\n4,5\n", {"a": [1], "b": [2], "c": [3]}, options={"footer_lines": 1}),
    Read("quoted_end.csv", b'a,b\n1,"x\n# y"\n', {"a": [1], "b": ["x\n# y"]}),
    # Headers
    Read("named_by_place.csv", b"5.1,x\n4.9,y\n", {"column_1": [5.1, 4.9], "column_2": ["x", "y"]}, options={"header_line": 0}),
    Read("fixed.csv", b"age,,age\n1,2,3\n", {"age": [1], "column_2": [2], "age_2": [3]}, ("renamed", "renamed"), {"fix_names": True}),
    Read("taken.csv", b"a,a,a_2\n1,2,3\n", {"a": [1], "a_3": [2], "a_2": [3]}, ("renamed",), {"fix_names": True}),
    Read("years.csv", b"country,2019,2020\nx,1,2\n", {"country": ["x"], "2019": [1], "2020": [2]}),
    Read("numbers_are_names.csv", b"x,1\ny,2\n", {"x": ["y"], "1": [2]}, options={"header_line": 1}),
    # Numbers
    Read("comma.csv", b"a;b\n1,5;x\n-2,25;y\n", {"a": [1.5, -2.25], "b": ["x", "y"]}),
    Read("two_marks.csv", b"a;b\n1,5;1.5\n2,5;2.5\n", {"a": ["1,5", "2,5"], "b": [1.5, 2.5]}, ("decimal_unclear",)),
    Read("thousands_or_not.csv", b"a;b\n1,500;x\n2,500;y\n", {"a": ["1,500", "2,500"], "b": ["x", "y"]}, ("decimal_unclear", "units_in_text")),
    Read("german.csv", b"a;b\n1.234,5;1.234\n2,5;1.500\n", {"a": ["1.234,5", "2,5"], "b": ["1.234", "1.500"]}, ("units_in_text", "units_in_text"), {"decimal": ","}),
    Read("zeros.csv", b"zip,n\n01234,1\n56789,2\n", {"zip": ["01234", "56789"], "n": [1, 2]}, ("leading_zeros",)),
    Read("long.csv", b"n,m\n1234567890123456789,1\n2,2\n", {"n": ["1234567890123456789", "2"], "m": [1, 2]}, ("long_numbers",)),
    Read("units_stay.csv", b"w,m\n12 kg,1\n30 kg,2\n", {"w": ["12 kg", "30 kg"], "m": [1, 2]}, ("units_in_text",)),
    Read("price.csv", b'p,m\n"$1,200",1\n$30.5,2\n', {"p": [1200.0, 30.5], "m": [1, 2]}, ("units_removed",), {"types": {"p": "number"}}),
    Read("percent.csv", b"p,m\n45 %,1\n5%,2\n", {"p": [45.0, 5.0], "m": [1, 2]}, ("units_removed",), {"types": {"p": "number"}}),
    Read("mixed.csv", b"n,m\n" + b"1,1\n" * 20 + b"old,1\n", {"n": ["1"] * 20 + ["old"], "m": [1] * 21}, ("mixed_types",)),
    Read("far.csv", b"n,m\n31,1\n35,2\n-999,3\n", {"n": [31, 35, -999], "m": [1, 2, 3]}, ("hidden_missing",)),
    Read("plusminus.csv", b"a,y\n3,1\n4,-1\n6,-1\n", {"a": [3, 4, 6], "y": [1, -1, -1]}),
    # Dates
    Read("dmy.csv", b"d,m\n01/02/2024,1\n31/12/2024,2\n", {"d": ["2024-02-01", "2024-12-31"], "m": [1, 2]}, ("dates",)),
    Read("mdy.csv", b"d,m\n1/2/2024,1\n12/31/2024,2\n", {"d": ["2024-01-02", "2024-12-31"], "m": [1, 2]}, ("dates",)),
    Read("dots.csv", b"d,m\n1.2.2024,1\n31.12.2024,2\n", {"d": ["2024-02-01", "2024-12-31"], "m": [1, 2]}, ("dates",)),
    Read("either.csv", b"d,m\n01/02/2024,1\n03/04/2024,2\n", {"d": ["01/02/2024", "03/04/2024"], "m": [1, 2]}, ("ambiguous_dates",)),
    Read("said.csv", b"d,m\n01/02/2024,1\n03/04/2024,2\n", {"d": ["2024-02-01", "2024-04-03"], "m": [1, 2]}, ("dates",), {"dates": "dmy"}),
    Read("both.csv", b"d,m\n31/01/2024,1\n01/31/2024,2\n", {"d": ["31/01/2024", "01/31/2024"], "m": [1, 2]}, ("mixed_dates",)),
    Read("no_such_day.csv", b"d,m\n2024-02-30,1\n2024-01-01,2\n", {"d": ["2024-02-30", "2024-01-01"], "m": [1, 2]}, ("mixed_dates",)),
    Read("some_zones.csv", b"t,m\n2024-01-01T10:00:00Z,1\n2024-01-01T10:00:00,2\n", {"t": ["2024-01-01T10:00:00Z", "2024-01-01T10:00:00"], "m": [1, 2]}),
    # Values
    Read("missing.csv", b"a,b\n?, x \nNA,y\n3,N/A\n", {"a": [None, None, 3], "b": ["x", "y", None]}),
)  # fmt: skip
