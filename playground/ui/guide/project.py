"""The close of the tour: the tree of the learner's own project, its tests, and a change from message to merge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from mlops import MlopsError, Workspace
from playground import closing, limits, messages, project_tree, tested, waiting, words
from playground.closing import Closing
from playground.jobs import Seen, jobs
from playground.tested import Tried
from playground.ui.kit import acts, cards, links, location, session, solved, state, watch

HERE = Path(__file__).parent


def _part(name: str) -> dict[str, str]:
    return {kind: (HERE / f"{name}.{kind}").read_text("utf-8") for kind in ("css", "js")}


_tree = st.components.v2.component(
    "project_tree",
    html='<div class="box"><div class="tree" role="tree" aria-label="Your project"></div>'
    '<svg class="lines" aria-hidden="true"></svg><ul class="sources" aria-label="Came from"></ul></div>',
    **_part("project"),
)
_log = st.components.v2.component("commit_graph", html='<div class="log"></div>', **_part("commits"))

TITLE = solved.CLOSE
"""Of the tab."""

OWN_PROJECT = ("production",)
"""Labs that end in a project."""

Value = TypeVar("Value")

_CHOSEN = "close.message"
"""Key of a widget."""


def panel() -> None:
    """Draw the project, and the one thing to do with it; while a job is at work it looks by itself."""
    working = jobs().of(_job())

    @st.fragment(run_every=watch.every(working is not None))
    def board() -> None:
        state.renew()
        seen = jobs().of(_job())
        if (working is None) != (seen is None):
            st.rerun()
        found = _read(closing.read)
        if problem := session.NOT_CLOSED.take() or jobs().refusal(_job()):
            cards.error(problem)
        if found.folder is None:
            _write(seen)
        else:
            _written(found, seen)

    board()


def _is_of_the_chapter() -> bool:
    """Return whether the project is that of the chapter on screen: a lab that ends in one has its own."""
    return location.place().chapter.partition("-")[0] in OWN_PROJECT


def _there() -> Workspace:
    """Return the workspace that the project is made of."""
    return state.workspace() if _is_of_the_chapter() else state.own()


def _read(what: Callable[..., Value]) -> Value:
    return state.read(what) if _is_of_the_chapter() else state.read_own(what)


def _job() -> tuple[str, str]:
    return ("close", str(_there().path.absolute()))


# The tree


def _write(seen: Seen | None) -> None:
    live = _read(closing.live)
    if not live:
        cards.empty("A project is made of what is live. Nothing is yet.", "start", "Take a model live")
        return
    with st.container(border=True, key="close-write", gap="small"):
        st.markdown("**What you made: data, code, model, tests.**")
        if seen:
            _busy(seen)
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            model = live[0]
            if len(live) > 1:
                model = st.selectbox("Model", live, format_func=_version, key="close.model", width=260)
            acts.button("Write my project", "write the project", type="primary", icon=":material/account_tree:",
                        key="close.write", on_click=_begin, args=(closing.write, model))  # fmt: skip


def _version(ref: str) -> str:
    return ref.replace("@", " v")


def _written(found: Closing, seen: Seen | None) -> None:
    tree = _read(_read_tree)
    tests = tested.so_far(seen.so_far) if seen else found.tests
    tree = tree.tested(tests, running=seen is not None)
    with st.container(key="close-written"):
        left, right = st.columns([1.35, 1], gap="large")
    with left:
        _drawn(tree)
        _leave(found)
        drawer = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="close.table")
        cards.inside(drawer, lambda: st.dataframe(tree.table(), hide_index=True, alt=tree.sentence))
    with right:
        _moves(found, seen, tests)


def _read_tree(ws: Workspace) -> project_tree.Tree:
    return project_tree.read(ws, closing.read(ws).project)


def _drawn(tree: project_tree.Tree) -> None:
    about = ("ws", "copy", *(["in"] if _is_of_the_chapter() else []))
    data = {**asdict(tree), "address": {name: said for name, said in location.address().items() if name in about}}
    opened = _tree(data=data, key="close.tree", on_opened_change=lambda: None).opened
    source = next((one for one in tree.sources if one.id == opened), None)
    if source:
        if not _is_of_the_chapter():
            location.go_into("")  # the project is about the own work
        location.go_to(None)
        links.goto(source.page, **source.query)


def _leave(found: Closing) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        assert found.folder is not None
        folder = found.folder
        cards.download_bytes(
            lambda: closing.zipped(folder), f"{folder.name}.zip", "application/zip", "The whole project"
        )
        live = _read(closing.live)
        if live and found.project.get("model") not in live:
            acts.button(f"Write it again, with {_version(live[0])}", "write the project", icon=":material/refresh:",
                        key="close.again", type="tertiary", on_click=_begin, args=(closing.write, live[0]))  # fmt: skip


# The moves


def _moves(found: Closing, seen: Seen | None, tests: tuple[Tried, ...]) -> None:
    """Draw what was done in a line each, and what there is to do now; who waits for the tests goes on meanwhile."""
    with st.container(key="close-moves", gap="small"):
        _tests(found, seen, tests)
        if not (found.tests or seen):
            return
        if not found.git:
            _without_git()
        elif found.merged:
            _over(found)
        else:
            _message(found)
            if found.diff:
                _review(found)


def _tests(found: Closing, seen: Seen | None, tests: tuple[Tried, ...]) -> None:
    if found.passed and not seen:
        count = sum(one.times for one in tests if one.outcome == "passed")
        st.markdown(f":green[:material/check_circle:] **{words.counted(count, 'test')} passed**")
        return
    with st.container(border=True, key="close-tests", gap="small"):
        st.markdown("**Does it stand alone?**")
        if seen:
            st.markdown(":small[It trains again, and asks the model through three doors. Go on meanwhile.]")
            _busy(seen)
        for one in [one for one in tests if one.outcome == "failed"] if not seen else tests[-4:]:
            _tested(one)
        if not seen:
            label = "Run them again" if found.tests else "Run its tests"
            acts.button(label, "run the tests", type="primary", icon=":material/play_arrow:", key="close.test",
                        on_click=_begin, args=(closing.run_tests,))  # fmt: skip


def _tested(one: Tried) -> None:
    colour, icon = {"passed": ("green", "check"), "failed": ("red", "close"), "skipped": ("gray", "remove")}[
        one.outcome
    ]
    why = f"  \n:gray[{cards.plain(one.file)}: {cards.plain(one.why)}]" if one.why else ""
    st.markdown(f":small[:{colour}[:material/{icon}:] {cards.plain(one.said)}{why}]")


def _busy(seen: Seen) -> None:
    says = f"{waiting.ordinal(seen.place)} in line" if seen.place else seen.says or "One moment"
    st.progress(min(seen.fraction or 0.0, 1.0), cards.plain(says))
    acts.button("Cancel", "cancel", icon=":material/cancel:", key="close.cancel", disabled=seen.stopping,
                on_click=jobs().cancel, args=(_job(),))  # fmt: skip


def _without_git() -> None:
    st.info(
        "Git is not on this machine, so the project has no history. All else is there: the tree, its tests, the "
        "download. With git installed, write it again.",
        icon=":material/account_tree:",
    )


def _message(found: Closing) -> None:
    given = messages.named(found.message) if found.message else None
    if given and given.good:
        st.markdown(f":green[:material/check_circle:] **Committed** :small[{cards.plain(given.reply)}]")
        return
    with st.container(border=True, key="close-message", gap="small"):
        st.markdown(
            "**Lena calls from seven on: her list must be there at five, not at six.** Months later, at 2 am, it is "
            "empty, and somebody reads the log. Which message of yours helps them?"
        )
        lines = {one.id: one.first for one in messages.MESSAGES}
        chosen = st.radio("Message", [*lines], index=None, key=_CHOSEN, format_func=lambda one: cards.plain(lines[one]),
                          label_visibility="collapsed", persist_state="session")  # fmt: skip
        if given:
            st.markdown(f":orange[:material/forum:] :small[{cards.plain(given.reply)}]")
        acts.button("Commit again" if given else "Commit", "commit", type="primary", icon=":material/commit:",
                    key="close.commit", disabled=chosen in (None, found.message), on_click=_do,
                    args=(closing.commit, chosen))  # fmt: skip


def _review(found: Closing) -> None:
    with st.container(border=True, key="close-review", gap="small"):
        st.markdown(f":small[`{closing.BRANCH}`, against `main`]")
        st.code(_shortened(found.diff), language="diff", wrap_lines=True)
        if found.move == "review":
            acts.button("Approve", "approve", type="primary", icon=":material/rate_review:", key="close.approve",
                        on_click=_do, args=(closing.approve,))  # fmt: skip
        elif found.approved:
            st.markdown(":green[:material/check_circle:] **Approved**")
            acts.button("Merge", "merge", type="primary", icon=":material/merge:", key="close.merge",
                        disabled=found.move != "merge", help="Once the tests have passed", on_click=_do,
                        args=(closing.merge,))  # fmt: skip
    _graph(found)


def _shortened(diff: str) -> str:
    """Return a diff without the lines that only a program reads."""
    return "\n".join(line for line in diff.splitlines() if not line.startswith(("diff --git", "index ")))


def _graph(found: Closing) -> None:
    _log(data={"commits": [asdict(one) for one in found.commits]}, key="close.log")


def _over(found: Closing) -> None:
    st.markdown(":green[:material/check_circle:] **Merged**")
    _graph(found)
    for fact in closing.facts(found):
        colour, icon = ("green", "check_circle") if fact.ok else ("gray", "radio_button_unchecked")
        st.markdown(f":{colour}[:material/{icon}:] {fact.text} :small[:gray[{cards.plain(fact.evidence)}]]")
    if not _is_of_the_chapter():
        solved.labs("After class: the labs", "close.labs", icon=":material/science:")


# What the buttons do


def _begin(work: Callable[..., None], *arguments: Any) -> None:
    """Begin a job about the project; a refusal is told where it was asked for."""
    path, actor = _there().path, _there().actor
    try:
        limits.before_keeping(location.home())
    except MlopsError as problem:
        session.NOT_CLOSED.set(problem)
        return
    jobs().begin(_job(), lambda job: work(Workspace.open(path, create=False, actor=actor), *arguments, job))


def _do(what: Callable[..., None], *arguments: Any) -> None:
    try:
        what(_there(), *arguments)
    except MlopsError as problem:
        session.NOT_CLOSED.set(problem)
