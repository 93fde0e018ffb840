"""What tests of missions share: a stop that has begun, in every state that counts, built once and copied.

A *mutant* of a goal is a way through the stop in which that goal alone is missed: so each check is shown to see what
it is for, and nothing else.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pandas as pd

from mlops import Workspace
from playground import chain, course, doors
from playground.course import acts
from playground.course.mission import Mission, Step

BUILT = tuple(one.id for one in course.EVERY)

LABS = {lab.id: import_module(f"tests.playground.course.labs.{lab.id}") for lab in course.LABS}
"""What tests of a lab bring: `MUTANTS` (goal -> a way that misses it alone), `FROM_SOLVED` (those that spoil what was
solved), `SLOW` (whether going through it takes seconds) and, where one way is not enough, `MORE` (goal, another way)."""


def mission(stop: str) -> Mission:
    """Return the mission of a stop that is there."""
    return course.stop(stop).mission


def _not_traced(ws: Workspace) -> None:
    """A program wrote other bytes under the name of a version that a model learned from."""
    with ws._ledger.write() as tx:
        tx.append("dataset.overwrite", "customers@1", {"sha256": "0" * 64})


def _without_rehearsal(ws: Workspace) -> None:
    while (link := chain.next_step(found := chain.read(ws))).kind != "staging":
        ws.train(chain.SAMPLE_CONFIG) if link.kind == "run" else link.act(ws, found)
    ws.deploy("churn_model@1.0.0", "production", "at once", override="no time")
    acts.ask_customer(ws)


def _nobody_asked(ws: Workspace) -> None:
    acts.run_the_chain(ws)


def _under_another_name(ws: Workspace) -> None:
    acts.keep_file(ws, "customers_2023_corrected.csv", name="customers_of_jo")
    ws.train(chain.SAMPLE_CONFIG, data="customers_of_jo@1")
    acts.train(ws, "customers_2023.csv")


def _two_pins_moved(ws: Workspace) -> None:
    acts.keep_file(ws, "customers_2023_corrected.csv")
    acts.train(ws, "customers_2023_corrected.csv", {"model.max_depth": 2})
    acts.train(ws, "customers_2023.csv")


def _never_again(ws: Workspace) -> None:
    acts.carry_out(ws, mission("freeze").solution[:-1])


def _two_keys_changed(ws: Workspace) -> None:
    acts.train(ws, "customers_2023.csv", {"model.max_depth": 4, "model.n_estimators": 20})
    acts.reproduce(ws)
    acts.train(ws, "customers_2023.csv", {"training.random_state": None})
    acts.reproduce(ws, seeded=False)


def _only_the_unseeded_one_tried(ws: Workspace) -> None:
    acts.carry_out(ws, [step for step in mission("config").solution if step != Step(do="reproduce")])


def _unseeded_and_never_asked(ws: Workspace) -> None:
    acts.carry_out(ws, mission("config").solution[:-1])


def _no_card(ws: Workspace) -> None:
    acts.carry_out(ws, [step for step in mission("promote").solution if step.do != "describe"])


def _not_rehearsed(ws: Workspace) -> None:
    for step in mission("promote").solution:
        if step.args.get("environment") == "production":
            acts.deploy(ws, "production", "at once", override="no time for staging")
        elif step.do != "deploy":
            acts.carry_out(ws, [step])


def _line_moved(ws: Workspace) -> None:
    ws.gate_rules.set("production", margin=0.05, reason="it is not that bad")


def _edited_again(ws: Workspace) -> None:
    acts.edit(ws, "model.n_estimators", 300)


def _cause(question: str, said: str) -> Callable[[Workspace], None]:
    return lambda ws: acts.say(ws, "compare", question, said)


_survey_overlooked, _seed_overlooked = _cause("export", "worse"), _cause("trees", "worse")


def _second_best(ws: Workspace) -> None:
    acts.carry_out(ws, mission("compare").solution[:2])
    acts.tag(ws, "few_trees", "candidate")
    acts.note(ws, "few_trees", "quick to explain to everybody")


def _nothing_written(ws: Workspace) -> None:
    acts.carry_out(ws, mission("compare").solution[:-1])


def _never_over_rest(ws: Workspace) -> None:
    acts.carry_out(ws, mission("serve").solution[:-1])
    acts.ask_listed(ws)


def clean_the_list(ws: Workspace) -> None:
    """Throw the two rows away that cannot be used, and tell nobody."""
    rows = pd.read_csv(doors.LIST)
    rows["monthly_fee"] = pd.to_numeric(rows["monthly_fee"], errors="coerce")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clean.csv"
        rows.dropna(subset=["monthly_fee", "tenure_months"]).to_csv(file, index=False)
        ws.batch_predict("@production", data=file)


def _cleaned_in_silence(ws: Workspace) -> None:
    clean_the_list(ws)
    acts.ask_listed(ws)
    acts.call_rest(ws)


def _time_read_as_utc(ws: Workspace) -> None:
    acts.say(ws, "rollback", "live", "1.3.0")


def _digits_rounded(ws: Workspace) -> None:
    acts.say(ws, "rollback", "replay", "0.58")


def _bad_one_again(ws: Workspace) -> None:
    ws.deploy("churn_model@1.7.0", "production", "it was fine", override="trust me")


def _rewritten(ws: Workspace) -> None:
    """Somebody took the override out of the record of the bad release, below the triggers."""
    connection = sqlite3.connect(ws.path / "ledger.db")
    triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE events SET payload = replace(payload, 'could not decide', 'agreed')")
    connection.commit()
    connection.close()


def _decided_before(question: str) -> Callable[[Workspace], None]:
    """Somebody decided in January, before anything had happened; the rest was done as it should be."""

    def year(ws: Workspace) -> None:
        acts.say(ws, "year", question, "wait")
        carry = [step for step in mission("year").solution if step.args.get("question") != question]
        acts.carry_out(ws, carry)

    return year


_may_decided_before, _september_decided_before = map(_decided_before, ("may", "september"))


def _called_harmful(ws: Workspace) -> None:
    acts.say(ws, "year", "harm", "harm")


def _rolled_back(ws: Workspace) -> None:
    ws.rollback("production", "the old one knew the spring", model="churn_model")


def _left_in_november(ws: Workspace) -> None:
    acts.carry_out(ws, mission("year").solution[:-1])
    acts.play_to(ws, "2024-11")


FROM_SOLVED = (
    _not_traced,
    _line_moved,
    _edited_again,
    _survey_overlooked,
    _seed_overlooked,
    _time_read_as_utc,
    _digits_rounded,
    _bad_one_again,
    _rewritten,
    _called_harmful,
    _rolled_back,
    *(mutant for lab in LABS.values() for mutant in lab.FROM_SOLVED),
)
"""Mutants that spoil what was solved; the others go another way from the start."""

MUTANTS: dict[tuple[str, str], Callable[[Workspace], None]] = {
    ("notebook", "traced"): _not_traced,
    ("notebook", "live"): _without_rehearsal,
    ("notebook", "asked"): _nobody_asked,
    ("freeze", "kept"): _under_another_name,
    ("freeze", "data_alone"): _two_pins_moved,
    ("freeze", "again"): _never_again,
    ("config", "one_key"): _two_keys_changed,
    ("config", "identical"): _only_the_unseeded_one_tried,
    ("config", "unseeded"): _unseeded_and_never_asked,
    ("compare", "export"): _survey_overlooked,
    ("compare", "trees"): _seed_overlooked,
    ("compare", "candidate"): _second_best,
    ("compare", "why"): _nothing_written,
    ("promote", "traced"): _not_traced,
    ("promote", "card"): _no_card,
    ("promote", "passed"): _not_rehearsed,
    ("promote", "rule"): _line_moved,
    ("promote", "config"): _edited_again,
    ("serve", "same"): _never_over_rest,
    ("serve", "rows"): _cleaned_in_silence,
    ("rollback", "told"): _time_read_as_utc,
    ("rollback", "replayed"): _digits_rounded,
    ("rollback", "restored"): _bad_one_again,
    ("rollback", "history"): _rewritten,
    ("year", "may"): _may_decided_before,
    ("year", "harm"): _called_harmful,
    ("year", "september"): _september_decided_before,
    ("year", "live"): _rolled_back,
    ("year", "over"): _left_in_november,
    **{(name, goal): mutant for name, lab in LABS.items() for goal, mutant in lab.MUTANTS.items()},
}
"""Stop and goal -> a way that misses this goal and no other."""

WAYS_TO_MISS = (
    *((stop, goal, mutant) for (stop, goal), mutant in MUTANTS.items()),
    *((name, goal, mutant) for name, lab in LABS.items() for goal, mutant in getattr(lab, "MORE", ())),
)
"""Stop, goal and way: one for each goal, and what else a check has to see."""
