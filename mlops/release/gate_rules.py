"""Gate rules: what a model must show before it may go live, beside the live one.

An environment has a rule; it changes by an event with a reason. A config may ask for more in its own section `gate`,
never for less: of the two the stricter one counts, part by part, and what is laxer is ignored and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlops.base.clock import Instant
from mlops.base.environments import Environment, check_environment
from mlops.base.errors import InvalidError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, check_text
from mlops.base.view import View

Requirement = Literal["not_worse", "better"]
REQUIREMENTS: tuple[Requirement, ...] = ("not_worse", "better")
"""The laxer one first."""

MAX_MARGIN = 0.5
"""Units of the metric (AUC, R2) that a rule can let a model lose; half an AUC is all there is."""


@dataclass(frozen=True)
class GateRule(Record):
    """What an environment asks of a model."""

    environment: Environment
    require: Requirement
    """``not_worse``: it may lose at most the margin; ``better``: it must gain."""
    margin: float
    """In units of the metric: AUC, or R2 for regression."""
    reason: str | None
    """Why somebody set it; None for the rule that every workspace begins with."""
    set_by: str | None
    at: Instant | None


@dataclass(frozen=True)
class InForce:
    """The rule that counts for one model: the stricter of the environment's and of its own config."""

    require: Requirement
    margin: float
    notes: tuple[str, ...]
    """What the config asks for, where that differs, and what came of it."""


def rule_of(view: View, environment: str) -> GateRule:
    """Return the rule of an environment; one that nobody has set is the default."""
    target = check_environment(environment)
    known = view.record("gate_rule", target) or {"require": REQUIREMENTS[0], "margin": 0.02}
    return GateRule.of({**known, "environment": target})


class GateRules:
    """The rules of the environments of one workspace."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def get(self, environment: str) -> GateRule:
        """Return the rule of an environment that is in force."""
        with self._ledger.read() as view:
            return rule_of(view, environment)

    @writes
    def set(
        self, environment: str, require: str | None = None, margin: float | None = None, reason: str = ""
    ) -> GateRule:
        """Set the rule of an environment; a part that is not given stays as it is.

        Parameters
        ----------
        environment : {"development", "staging", "production"}
            Only production compares models, so only there it decides something.
        require : {"not_worse", "better"}, optional
            Whether a model may be a little worse than the live one, or must be better.
        margin : float in [0, 0.5], optional
            How much worse, in units of the metric: AUC, or R2 for regression.
        reason : str
            Why; it stays on record.

        Raises
        ------
        InvalidError
            If there is no such requirement, or the margin is no number from 0 to 0.5.
        """
        target = check_environment(environment)
        if require is None and margin is None:
            raise InvalidError("A reason alone sets no rule.", "Name what is required, or the margin.")
        if require is not None and require not in REQUIREMENTS:
            raise InvalidError(f"{shown(require)} cannot be required.", f"Use {' or '.join(REQUIREMENTS)}.")
        if margin is not None and not (_is_number(margin) and 0 <= margin <= MAX_MARGIN):
            raise InvalidError(f"{shown(margin)} is no margin: a number from 0 to {MAX_MARGIN}.", "Write 0.02.")
        check_text(reason, "reason")
        with self._ledger.write() as tx:
            before = rule_of(tx, target)
            changes = {
                "environment": target,
                "require": require or before.require,
                "margin": before.margin if margin is None else float(margin),
                "reason": reason,
                "set_by": tx.actor,
                "at": tx.at,
            }
            return GateRule.of(tx.append("gate_rule.set", target, changes))


def in_force(rule: GateRule, own: Mapping[str, Any]) -> InForce:
    """Return the stricter of an environment's rule and of what a config says in its section `gate`, part by part.

    Examples
    --------
    >>> rule = GateRule("production", "not_worse", 0.02, None, None, None)
    >>> in_force(rule, {"margin": 1.0}).notes
    ('its config would let it lose 1, which is laxer and ignored',)
    >>> in_force(rule, {"require": "better"}).require
    'better'
    """
    require, margin = own.get("require", rule.require), own.get("margin", rule.margin)
    notes = []
    if require != rule.require:
        said = {
            "better": "its config asks for more",
            "not_worse": "its config asks for no gain, which is laxer and ignored",
        }
        notes.append(said[require])
    if margin > rule.margin:
        notes.append(f"its config would let it lose {margin:g}, which is laxer and ignored")
    if margin < rule.margin:
        notes.append(f"its config lets it lose only {margin:g}")
    strictest = max(require, rule.require, key=REQUIREMENTS.index)
    return InForce(strictest, min(margin, rule.margin), tuple(notes))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
