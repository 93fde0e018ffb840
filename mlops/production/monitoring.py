"""Monitoring: month by month, what a live model was asked and how it did, as far as that is known now."""

from __future__ import annotations

from dataclasses import dataclass

from mlops.base import months
from mlops.base.artifacts import Artifacts
from mlops.base.environments import check_environment
from mlops.base.errors import InvalidError, NotFoundError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, check_text
from mlops.production import alerts
from mlops.production.alerts import Alert
from mlops.production.monthly import Month, MonthDetail, Months
from mlops.release.releases import the_watched


@dataclass(frozen=True)
class Monitoring(Record):
    """What is known of the months of a live model."""

    environment: str
    model: str
    months: tuple[Month, ...]
    """The newest first."""
    alerts: tuple[Alert, ...]
    """Resolved ones included, the newest first."""


class Monitor:
    """What is known of the live models of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def report(self, environment: str = "production", model: str | None = None) -> Monitoring:
        """Return what is known of each month in which a live model was asked.

        Parameters
        ----------
        model : str, optional
            Name of the model; the only one that is live if not given.

        Raises
        ------
        NotFoundError
            If nothing is live there, or there is no such model.
        """
        place = check_environment(environment)
        with self._ledger.read() as view:
            name = the_watched(view, place, model)
            raised = alerts.of(view, place, name)
        return Monitoring(place, name, Months(self._ledger, self._artifacts, place, name).all, tuple(raised))

    def month(self, environment: str, model: str | None, month: str) -> MonthDetail:
        """Return everything that is known of one month: each input, each group, and what was predicted beside it.

        Raises
        ------
        NotFoundError
            If nothing was asked in it.
        """
        place = check_environment(environment)
        with self._ledger.read() as view:
            name = the_watched(view, place, model)
        every = Months(self._ledger, self._artifacts, place, name)
        if (found := every.detail(month)) is None:
            known = ", ".join(one.month for one in every.all)
            raise NotFoundError(
                f"{name} was not asked in {shown(month)}. Asked in: {known or 'no month yet'}.", "Name one of these."
            )
        return found

    def known(self, environment: str, model: str) -> int:
        """Count the answers under a model name whose outcome is known by now: of each month each customer once.

        It is the sum of what the months of the report say, and costs next to nothing where nothing is new.
        """
        place = check_environment(environment)
        with self._ledger.read() as view:
            if not view.subjects("labels", limit=1):
                return 0
        return Months(self._ledger, self._artifacts, place, model).known

    @writes
    def record_best(self, month: str, auc: float, source: str) -> None:
        """Note the best AUC that anybody could have reached in a month, once its outcomes are known.

        A simulated company knows how likely each customer really was to leave; nobody else does.

        Parameters
        ----------
        source : str
            How it is known.
        """
        said = {"best": _checked(auc), "source": check_text(source, "source")}
        with self._ledger.write() as tx:
            known = tx.record("month", months.check(month, tx.now())) or {}
            if known | said != known:
                tx.append("month.best", month, said)


def _checked(auc: float) -> float:
    if isinstance(auc, bool) or not isinstance(auc, float | int) or not 0 <= auc <= 1:
        raise InvalidError(f"{shown(auc)} is no AUC.", "Give a number from 0 to 1.")
    return float(auc)
