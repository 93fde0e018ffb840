"""The audit log: every event is a sentence, with what it names; filters leave what was asked for; all of it is proven."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops import Workspace
from playground import audit
from playground.audit import KINDS
from playground.ui.release.audit import SHOWN
from tests.conftest import STUMP, customers_frame
from tests.old_workspace import Nobody, opened
from tests.screens import links_on, open_page, words_on


@pytest.fixture(scope="module")
def _told(_released, customers_csv, tmp_path_factory) -> Workspace:
    folder = tmp_path_factory.mktemp("audit")
    ws = _released.fork(folder / "ws")
    run = ws.runs.list()[0]
    ws.runs.note(run.run_id, "deeper")
    ws.runs.tag(run.run_id, "team", "retention")
    ws.runs.untag(run.run_id, "team")
    ws.runs.open_test(run.run_id)
    ws.runs.log("elsewhere", {}, {"test": {"auc": 0.8}})
    ws.runs.cancel(ws.submit(STUMP, pool=Nobody()).run_id)
    ws.models.describe("churn_model@1.1.0", purpose="whom to call", owner="lena")
    ws.gate_rules.set("production", margin=0.01, reason="a point is 40 customers")
    ws.journal.write("course/freeze", {"guess": "data"})
    customers_frame()[["customer_id", "churn"]].to_csv(folder / "outcomes.csv", index=False)
    ws.outcomes.add(folder / "outcomes.csv", "customers")
    ws.batch_predict("@production", customers_csv, folder / "scored.csv")
    ws.monitoring.record_best("2024-03", 0.84, "the generator")
    _alerted(ws, folder)
    ws.retraining.set_rule("production", when="on_outcomes", reason="each month counts")
    ws.set_clock("2024-05-15T17:42:00Z")
    ws.rollback("production", "complaints since 17:00")
    ws.models.register(run, "churn_model")
    ws.models.reject("churn_model@1.1.1", "trained on the wrong rows")
    return ws


@pytest.fixture
def told(_told, tmp_path) -> Workspace:
    """A workspace in which nearly everything has happened."""
    return _told.fork(tmp_path / "told")


def _alerted(ws: Workspace, folder: Path) -> None:
    """Raise an alert about fees, acknowledge it, and let it be over with the next month."""
    frame = customers_frame()
    for name, day, times in (("rise", "2024-04-05", 2.0), ("back", "2024-05-05", 1.0)):
        ws.set_clock(day)
        frame.assign(monthly_fee=frame["monthly_fee"] * times).to_csv(folder / f"{name}.csv", index=False)
        ws.batch_predict("@production", folder / f"{name}.csv")
        for alert in ws.alerts.update():
            ws.alerts.acknowledge(alert.id, "the price rise")


def said(ws: Workspace) -> dict[str, str]:
    """Return kind -> the last sentence of that kind of event."""
    kinds = {event["seq"]: event["kind"] for event in ws.log()}
    return {kinds[one.event]: one.sentence for one in audit.read(ws)}


def test_every_event_is_a_sentence(told):
    """None is left as its kind and its subject."""
    untold = {f"{event['kind']}: {event['subject']}" for event in told.log()}
    assert not untold & {one.sentence for one in audit.read(told)}
    assert len(audit.read(told)) == told.head()


def test_a_sentence_goes_on_from_the_name_of_who_did_it(told):
    """What was done, with what, and why."""
    sentences, run = said(told), told.models.get("churn_model@1.1.0").run_id[:7]
    assert sentences["deployment.rollback"] == "rolled production back from v1.1.0 to v1.0.0: complaints since 17:00"
    assert sentences["deployment.deploy"] == "released churn_model v1.1.0 to production, in place of v1.0.0: release"
    assert sentences["gate_rule.set"] == (
        "set the rule of production: a model may lose at most 0.01: a point is 40 customers"
    )
    assert sentences["model.describe"] == "wrote the card of churn_model v1.1.0: whom to call; lena answers for it"
    assert sentences["model.reject"] == "rejected churn_model v1.1.1: trained on the wrong rows"
    assert sentences["run.note"] == f"noted on logistic_regression on customers@1 (run {run}): deeper"
    assert sentences["labels.add"] == "added 600 outcomes of customers"
    assert sentences["clock.set"] == "set the calendar to 15 May 2024, 17:42 UTC"
    alert = told.alerts.list()[0].id
    assert sentences["alert.raise"].startswith("was alerted (")
    assert sentences["alert.acknowledge"] == f"acknowledged alert {alert}: the price rise"
    assert sentences["alert.resolve"] == f"found that alert {alert} is over"
    assert sentences["month.best"] == ("noted 0.840 as the best AUC that anybody could reach in 2024-03: the generator")
    assert sentences["retrain_rule.set"] == (
        "set when churn_model is retrained in production (when on_outcomes): each month counts"
    )
    assert sentences["batch.predict"].startswith("scored 600 rows of back.csv with churn_model v1.1.0")


def test_a_release_in_spite_of_the_check_says_so(told):
    """With the reason that was given for it."""
    model = told.models.register(told.runs.list("status = 'finished' and data.version >= 1")[0], "other")
    told.deploy(model, "production", "no time", override="the campaign starts at six")
    assert said(told)["deployment.deploy"] == (
        "released other v1.0.0 to production: no time (in spite of the release check: the campaign starts at six)"
    )


def test_what_a_sentence_names_is_kept_as_links(told):
    """A rollback leads to both versions."""
    back = next(one for one in reversed(audit.read(told)) if one.sentence.startswith("rolled"))
    assert [(one.screen, one.label) for one in back.things] == [
        ("model", "churn_model v1.0.0"), ("model", "churn_model v1.1.0"),
    ]  # fmt: skip
    assert back.things[0].query == (("ref", "churn_model@1.0.0"),)


def test_filters_leave_what_was_asked_for_newest_first(told):
    """By kind, person, thing and day; each alone and together."""
    entries = audit.read(told)
    releases = audit.shown(entries, kinds=["release"])
    assert [one.kind for one in releases] == ["release"] * 5 and releases[0].event > releases[-1].event
    assert audit.shown(entries, people=["nobody"]) == []
    assert {one.kind for one in audit.shown(entries, about="COMPLAINTS")} == {"release"}
    assert audit.shown(entries, about="churn_model v1.0.0", kinds=["model"])[0].sentence.startswith("registered")
    of_january = audit.shown(entries, since="2024-01-15", until="2024-01-15")
    assert of_january and {one.at[:10] for one in of_january} == {"2024-01-15"}


def test_whoever_looks_again_reads_only_what_came_since(told, monkeypatch):
    """After twenty thousand events the next one costs one."""
    log, asked = audit.Log(), []
    before = log.entries(told)
    monkeypatch.setattr(Workspace, "log", lambda ws, since=0: asked.append(since) or [])
    assert log.entries(told) == before and asked == [told.head()]


def test_events_of_an_old_workspace_are_sentences_as_well(tmp_path):
    """Also where they say less than those of today."""
    entries = audit.read(opened(tmp_path / "old"))
    assert entries and {one.kind for one in entries} <= KINDS.keys()


def test_what_cannot_be_told_is_named_as_it_is(released):
    """An event of a program on top, or one that was edited by hand, hides no other."""
    with released._ledger.write() as tx:
        tx.append("weather.change", "sky", {})
        tx.append("deployment.deploy", "d0", {"model": None})
    assert [one.sentence for one in audit.read(released)[-2:]] == ["weather.change: sky", "deployment.deploy: d0"]


# On screen


@pytest.fixture
def screen(told, monkeypatch):
    """The audit log of that workspace."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(told.path))
    return open_page("release", view="Audit log")


def log_of(at):
    return next(one.value for one in at.dataframe if "what happened" in one.value)


def test_the_log_shows_the_calendar_beside_the_clock_on_the_wall(screen, told):
    """A simulated date says nothing of the day on which somebody pressed the button."""
    newest = log_of(screen).iloc[0]
    assert newest["when"] == "2024-05-15 17:42:00Z" and newest["on the wall"] > "2026"
    assert len(log_of(screen)) == min(told.head(), SHOWN)


def test_a_person_filters_the_log_and_follows_a_sentence(screen):
    """The chosen one has its links, and leads to everything as it was then."""
    screen.text_input(key="audit.about").set_value("complaints").run()
    assert list(log_of(screen)["what happened"]) == [
        "rolled production back from v1.1.0 to v1.0.0: complaints since 17:00"
    ]
    screen.session_state["release.audit"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    screen.run()
    assert not screen.exception
    assert {"churn_model v1.0.0", "churn_model v1.1.0", "See everything as it was then"} <= set(links_on(screen))


def test_everything_is_proven_from_the_screen(screen, told):
    """What was changed on the disk is named; the hash of the last event is there to copy."""
    assert told.log()[-1]["sha256"] in [one.value for one in screen.code]
    screen.button(key="audit.verify").click().run()
    assert f"All {told.head()} events" in screen.success[0].value

    file = told.path / told.models.get("churn_model@1.0.0").path
    file.unlink()
    file.write_bytes(b"another model")
    screen.button(key="audit.verify").click().run()
    assert "artifact" in screen.error[0].value and not screen.exception


def test_the_past_is_not_proven_apart_from_what_follows(told, monkeypatch):
    """The log of then ends then."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(told.path))
    at = open_page("release", view="Audit log", at="12")
    assert len(log_of(at)) == 12 and "cannot be proven apart" in words_on(at)
