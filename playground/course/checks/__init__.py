"""The checks, by theme. Each is a pure function that missions name; see `playground.course.verdict`."""

from playground.course.checks import alike, decided, doors, frozen, going_back, links, promoted, repeated
from playground.course.verdict import CHECKS

__all__ = ["CHECKS", "alike", "decided", "doors", "frozen", "going_back", "links", "promoted", "repeated"]
