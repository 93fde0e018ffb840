"""Commands of data: data, labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from mlops.base.errors import printable
from mlops.cli import files
from mlops.cli.frame import columns, fields, group, hint, show, table, workspace, wrong_line

if TYPE_CHECKING:
    from mlops.data.changes import DatasetDiff
    from mlops.data.versions import DatasetVersion


MOST_CELLS = 20
"""Changed cells that are printed for people."""

ROLES = ("target", "id", "time", "group", "task", "positive")
"""Options of `data add` that say what a column is for."""


@group("data")
def data() -> None:
    """Datasets and their versions."""


@data.command("add")
@click.argument("file", type=click.Path(), required=False)
@click.option("--newest", metavar="NAME@VERSION", help="Instead of FILE: this version again, as the newest.")
@click.option("--name", metavar="NAME", help="Name of the dataset.")
@click.option("--target", metavar="COLUMN", help="Column to predict.")
@click.option("--id", metavar="COLUMN", help="Column that identifies a row.")
@click.option("--time", metavar="COLUMN", help="Column that tells when a row happened.")
@click.option("--group", metavar="COLUMN", help="Column that tells which rows belong together.")
@click.option("--task", type=click.Choice(["binary", "multiclass", "regression"]), help="What to learn.")
@click.option("--positive", metavar="VALUE", help="The class to predict, for binary tasks.")
@click.option("--columns", type=click.Path(), metavar="FILE", help="Label, unit and meaning of columns, as YAML.")
@files.reading_options
@click.option("-m", "--message", default="", help="Why this version exists.")
def data_add(
    file: str | None, newest: str | None, name: str | None, columns: str | None, message: str, **how: Any
) -> None:
    """Keep FILE as the next version of a dataset.

    FILE is csv, csv.gz or parquet. Roles that are not given are those of the newest version that has the column. Other
    roles for content that is there are another version of it; another description is kept with the version that is.

    \b
    Examples:
      mlops data add customers.csv --name customers --target churn --id customer_id -m "history to November"
      mlops data add export.csv --name export --delimiter ";" --decimal "," --type zip=text
      mlops data add customers.csv --name customers --columns columns.yaml
      mlops data add --newest customers@1 -m "the rows of November were wrong"

    The YAML of --columns has for each column as many of label, unit and meaning as you like:
    "monthly_fee: {label: Monthly fee, unit: EUR, meaning: after discounts}".

    A file may have 2 GiB, also when it is expanded, 10,000 columns, 1,000,000 characters in a cell; parquet
    200,000,000 cells. Everything that is not said is told from the content: see mlops data preview FILE.
    """
    roles = {role: how.pop(role) for role in ROLES}
    if newest is not None:
        if any((file, name, columns, *roles.values(), *how.values())):
            raise wrong_line("--newest takes a version and -m, nothing else.")
        version = workspace().datasets.make_newest(newest, message)
    elif file is None or name is None:
        missing = "argument 'FILE'" if file is None else "option '--name'"
        raise wrong_line(f"Missing {missing}.")
    else:
        options = files.read_options(**how)
        with files.progress() as tell:
            version = workspace(create=True).datasets.add(
                file, name, **roles, columns=columns, message=message, options=options, on_progress=tell
            )
    show(version, _added(version))


def _added(version: DatasetVersion) -> str:
    said = f"{version.ref}  {version.sha256[:12]}  {version.rows:,} rows, {version.columns} columns"
    lines = [said if version.created else f"{said}  (this content was there already)"]
    return "\n".join([*lines, *(_told(note) for note in version.warnings)])


def _told(note: Mapping[str, Any]) -> str:
    """Return a note on one line; what is more than a remark says so, and what to do."""
    if note["severity"] == "note":
        return f"  {note['message']}"
    return f"  {note['severity'].capitalize()}: {note['message']} {note['next_step']}"


@data.command("join")
@click.argument("versions", metavar="NAME@VERSION...", nargs=-1, required=True)
@click.option("--name", metavar="NAME", required=True, help="Dataset of the next version.")
@click.option("-m", "--message", default="", help="Why this version exists.")
def data_join(versions: tuple[str, ...], name: str, message: str) -> None:
    """Keep rows of several versions with known outcomes as one.

    Every row is there once: of one that stands in two versions, the newest counts. The version names its parents, and
    which outcomes were joined to them.

    \b
    Example:
      mlops data join customers@8 customers@9 customers@10 --name customers -m "June to August"
    """
    version = workspace().datasets.join(versions, name, message=message)
    show(version, _added(version))


@data.command("preview", past="timeless")
@click.argument("file", type=click.Path())
@files.reading_options
def data_preview(file: str, **how: Any) -> None:
    """Show how FILE would be read, and what it holds.

    Nothing is kept, no workspace is needed.

    \b
    Examples:
      mlops data preview customers.csv
      mlops data preview export.csv --encoding cp1252 --header-line 3 --dates dmy
    """
    from mlops.data import reading

    options = files.read_options(**how)
    with files.progress() as tell:
        found = reading.preview(file, options, tell)
    show(found, lambda: files.preview_text(found))


@data.command("list", past="reads")
def data_list() -> None:
    """List every version of every dataset, newest first."""
    versions = workspace().datasets.list()
    rows = ([v.ref, v.sha256[:12], v.rows, v.columns, v.target, v.created_at, v.message] for v in versions)
    header = ("version", "sha256", "rows", "columns", "target", "created", "message")
    show(versions, lambda: columns(rows, header, "No dataset yet. Add one: mlops data add FILE --name NAME."))


@data.command("show", past="reads")
@click.argument("version", metavar="NAME@VERSION")
def data_show(version: str) -> None:
    """Show a version.

    \b
    Example:
      mlops data show customers@1
    """
    found = workspace().datasets.get(version)
    told = {key: value for key, value in found.as_dict().items() if key not in ("schema", "described", "warnings")}
    told |= {f"  {column['name']}": _column(column, found) for column in found.schema}
    told |= {f"! {position}": w["message"] for position, w in enumerate(found.warnings, start=1)}
    show(found, lambda: fields(told))


def _column(column: Mapping[str, Any], version: DatasetVersion) -> str:
    """Return the type of a column, and what somebody said about it."""
    from mlops.data.described import title

    said = version.described.get(column["name"])
    told = [title(version.described, column["name"]), said.get("meaning")] if said else []
    return " - ".join(text for text in (column["type"], *told) if text)


@data.command("profile", past="reads")
@click.argument("version", metavar="NAME@VERSION")
def data_profile(version: str) -> None:
    """Describe every column of a version.

    What is worth knowing before a model learns from it is said as well.

    \b
    Example:
      mlops data profile customers@1
    """
    from mlops.cli import profile

    datasets = workspace().datasets
    described, notes = datasets.profile(version), datasets.notes(version)
    document = {**described.as_dict(), "notes": [note.as_dict() for note in notes]}
    show(document, lambda: profile.text(described, notes))


@data.command("builtin")
@click.argument("name", required=False)
def data_builtin(name: str | None) -> None:
    """Add a set that comes with scikit-learn.

    Without a name, list them.

    \b
    Examples:
      mlops data builtin
      mlops data builtin iris
    """
    from mlops import builtin

    if name is None:
        keys = ("name", "rows", "task", "target", "about")
        show(list(builtin.SETS), lambda: table((one.as_dict() for one in builtin.SETS), keys))
        return
    version = builtin.add(workspace(), name)
    show(version, _added(version))


@data.command("diff", past="reads")
@click.argument("before", metavar="NAME@VERSION")
@click.argument("after", metavar="NAME@VERSION")
def data_diff(before: str, after: str) -> None:
    """Say what differs between two versions.

    Rows are matched by the id of both. Changed cells are counted by column and listed, old -> new.

    \b
    Example:
      mlops data diff customers@1 customers@2
    """
    datasets = workspace().datasets
    difference = datasets.diff(before, after)
    show(difference, lambda: _difference(difference, datasets.get(before).ref, datasets.get(after).ref))


def _difference(difference: DatasetDiff, before: str, after: str) -> str:
    """Return a difference as text: in one sentence, counted, and its first cells."""
    document = difference.as_dict()
    summary = {key: document[key] for key in document if key not in ("changes", "distributions")}
    cells = difference.changes[:MOST_CELLS]
    rows = ([one["id"], one["column"], _value(one["before"]), "->", _value(one["after"])] for one in cells)
    more = sum(difference.cells_changed.values()) - MOST_CELLS
    lines = [
        f"{after} from {before}: {difference.told()}.",
        fields(summary),
        columns(rows, ("id", "column", "before", "", "after")),
        f"... and {more:,} more cells" if more > 0 else "",
    ]
    return "\n".join(line for line in lines if line)


def _value(value: Any) -> Any:
    """Return a cell as it stands in its file: a number is not rounded."""
    return str(value) if isinstance(value, float) else value


@data.command("validate", past="reads")
@click.argument("subject", metavar="NAME@VERSION|FILE")
@click.option("--against", metavar="NAME@VERSION", help="The known version; else the one before it.")
@files.reading_options
def data_validate(subject: str, against: str | None, **said: Any) -> int:
    """Hold a version or a file against a known version.

    Exit 1 if it does not fit.

    \b
    Examples:
      mlops data validate customers@2
      mlops data validate sample_data/customers_2024-07.csv --against customers@1
    """
    found = workspace().datasets.validate(subject, against, files.read_options(**said))
    held = f"{found.subject} against {found.against or 'nothing: it is the first version'}"
    told = f"{held}: {'fits' if found.valid else 'does not fit'}"
    problems = table(found.problems, ("severity", "field", "message", "suggestion"))
    return show(found, f"{told}\n{problems}".rstrip(), good=found.valid)


@data.command("checkout", past="reads")
@click.argument("version", metavar="NAME@VERSION")
@click.option("-o", "--output", required=True, type=click.Path(), help="File to write: .csv or .parquet; - is stdout.")
def data_checkout(version: str, output: str) -> None:
    """Write a version to a file.

    The file is new or replaced whole, and lies outside of any workspace's own folders.

    \b
    Examples:
      mlops data checkout customers@1 -o customers.csv
      mlops data checkout customers@1 -o - | head
    """
    piped, ws = files.output(output), workspace()
    found = ws.datasets.get(version)
    path = ws.datasets.checkout(version, output)
    document = {key: getattr(found, key) for key in ("name", "version", "sha256", "rows")} | {"path": str(path)}
    hint(f"{found.ref}, {found.rows:,} rows") if piped else show(document, f"{found.ref} is in {printable(str(path))}")


@group("labels")
def labels() -> None:
    """Outcomes that become known later."""


@labels.command("add")
@click.argument("file", type=click.Path())
@click.option("--dataset", metavar="NAME", required=True, help="The dataset whose rows they belong to.")
@click.option(
    "--known-at", metavar="TIME", help="When they were known, unless the file says so itself; now if not given."
)
def labels_add(file: str, dataset: str, known_at: str | None) -> None:
    """Keep a file of outcomes.

    It has the columns id, target, and possibly known_at; at least half of the ids are rows of the dataset.

    \b
    Example:
      mlops data add sample_data/customers_2023-12.csv --name customers
      mlops labels add sample_data/outcomes_2023-12.csv --dataset customers
    """
    added = workspace().outcomes.add(file, dataset, known_at)
    rows = "" if added.matched is None else f" ({added.matched:,} are about rows of it)"
    known = f"known from {added.known_from} to {added.known_until}"
    show(added, f"{added.rows:,} outcomes of {added.dataset}{rows}, {known}")
