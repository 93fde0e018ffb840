"""Belts: what goes on beside stays in order, and what goes wrong there is heard."""

from __future__ import annotations

from threading import Event, get_ident

import pytest

from mlops.base.belts import Behind, ahead


def test_the_next_item_is_made_while_this_one_is_used_and_no_further_one():
    """One step ahead, so memory stays what it is."""
    made, second = [], Event()

    def items():
        for number in range(4):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    taken = ahead(items())
    assert next(taken) == 0 and second.wait(60)
    assert made == [0, 1]
    assert [*taken] == [1, 2, 3]


def test_what_an_item_raises_comes_out_where_it_is_taken():
    """After all that came before it."""

    def items():
        yield 1
        raise ValueError("the file ends here")

    taken = ahead(items())
    assert next(taken) == 1
    with pytest.raises(ValueError, match="the file ends here"):
        next(taken)


def test_a_generator_that_nobody_asks_any_more_is_closed_by_the_thread_that_ran_it():
    """It may hold a file open."""
    ran, closed = [], []

    def items():
        try:
            while True:
                ran.append(get_ident())
                yield
        finally:
            closed.append(get_ident())

    taken = ahead(items())
    next(taken)
    taken.close()
    assert closed == [ran[0]] and closed != [get_ident()]


def test_what_a_call_raises_comes_out_of_the_next_one_or_of_the_end():
    """Nobody goes on as if it had been done."""
    with pytest.raises(ZeroDivisionError), Behind() as belt:
        belt.call(divmod, 1, 0)
    later = []
    with pytest.raises(ZeroDivisionError), Behind() as belt:
        belt.call(divmod, 1, 0)
        belt.call(later.append, 1)
    assert later == []


def test_where_the_block_fails_its_own_error_is_heard():
    """Not that of what went on beside it."""
    with pytest.raises(KeyError), Behind() as belt:
        belt.call(divmod, 1, 0)
        raise KeyError
