"""A seat that is kept, in real browsers: closed tabs, reloads, another server, a copy in a tab, a chain cut in two."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from mlops import Workspace
from playground import chain
from tests.browser import executable, idle, served, settle

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


def visit(person, address: str):
    """Open an address in a new tab of somebody's browser."""
    page = person.new_page()
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    idle(page)
    return page


def key_of(page) -> str:
    """Return whose seat a page shows."""
    return page.url.partition("ws=")[2][:20]


def open_menu(page):
    """Open the menu of the page."""
    page.locator("[class*=st-key-menu] button[data-testid=stPopoverButton]").first.click()
    page.get_by_role("button", name="Copy this workspace").wait_for()
    idle(page)


@contextmanager
def people(chromium, *names):
    """Yield one browser for each person, with cookies of its own."""
    contexts = [chromium.new_context() for _ in names]
    try:
        yield contexts
    finally:
        for context in contexts:
            context.close()


def test_who_knows_the_base_address_only_comes_back_to_the_own_work(chromium, tmp_path):
    """After the tab was closed, and after the server was started again; two of them never meet."""
    room = tmp_path / "room"
    with people(chromium, "Ada", "Ben") as (ada, ben):
        with served(room, "MLOPS_WORKSPACES") as address:
            first, other = visit(ada, address), visit(ben, address)
            keys = key_of(first), key_of(other)
            first.get_by_placeholder("Your name").fill("Ada")
            first.keyboard.press("Enter")
            first.get_by_text("What shall we call you").wait_for(state="detached")
            Workspace.open(room / keys[0]).set_clock("2030-01-01")
            first.close()
            other.close()
            assert (key_of(visit(ada, address)), key_of(visit(ben, f"{address}/train"))) == keys
        with served(room, "MLOPS_WORKSPACES") as address:
            again, other = visit(ada, address), visit(ben, address)
            assert (key_of(again), key_of(other)) == keys
            assert again.get_by_text("What shall we call you").count() == 0
            assert other.get_by_text("What shall we call you").count() == 1
            guest = visit(ben, again.url)
            guest.get_by_text("You are at the place of Ada").wait_for()
            assert key_of(visit(ben, address)) == keys[1]
            guest.get_by_role("button", name="Back to mine").click()
            guest.wait_for_url(f"**ws={keys[1]}*")

    assert sorted(path.name for path in room.iterdir() if path.is_dir()) == sorted(keys)


def test_a_draft_and_the_chosen_data_are_there_after_a_reload_and_another_server(chromium, trained, customers_csv):
    """Typed a moment before, in an editor that runs in the browser."""
    trained.datasets.add(customers_csv, "others", target="churn")
    text = "model: {type: dummy}\n# typed by hand"
    with people(chromium, "Ada") as (ada,):
        with served(trained.path) as address:
            page = visit(ada, f"{address}/train")
            page.get_by_role("combobox", name="Data").click()
            page.get_by_role("option", name="customers@1").click()
            idle(page)
            editor = page.get_by_role("textbox", name="Config as YAML")
            editor.fill(text)
            page.get_by_text("model.type").first.wait_for()
            settle(page)
            page.reload()
            editor.wait_for()
            assert editor.input_value().strip() == text
        with served(trained.path) as address:
            page = visit(ada, f"{address}/train")
            assert page.get_by_role("textbox", name="Config as YAML").input_value().strip() == text
            assert page.get_by_role("combobox", name="Data").input_value() == "customers@1"


def test_starting_over_is_taken_back_and_what_is_kept_reopens_and_a_copy_opens_in_a_tab(chromium, released):
    """All from the screen, and nothing is lost on the way."""
    with served(released.path) as address, people(chromium, "Ada") as (ada,):
        page = visit(ada, address)
        live = page.get_by_text("Ask about one")
        for back in ("Undo", "Reopen"):
            open_menu(page)
            page.get_by_role("button", name="Start over").click()
            page.get_by_role("button", name="Begin anew").click()
            page.get_by_role("button", name="Run the chain").wait_for()
            idle(page)
            if back == "Reopen":
                page.get_by_role("button", name="Close").click()
                page.get_by_role("button", name="Undo").wait_for(state="detached")
                open_menu(page)
            page.get_by_role("button", name=back).click()
            live.wait_for()
            idle(page)
        open_menu(page)
        page.get_by_role("button", name="Copy this workspace").click()
        with ada.expect_page() as opened:
            page.get_by_role("link", name="Open", exact=True).click()
        copy = opened.value
        copy.get_by_role("heading", level=1).wait_for()
        idle(copy)
        assert "copy=1" in copy.url and page.url.rstrip("/") == address
        Workspace.open(released.path.with_name("released-copy-1"), create=False).rollback("production", "try it")
        copy.get_by_role("link", name="Release", exact=True).first.click()
        copy.get_by_role("heading", name="Release", level=1).wait_for()
        copy.get_by_text("v1.0.0").first.wait_for()
        assert "copy=1" in copy.url

    assert released.releases.live("production").model["version"] == "1.1.0"


def test_a_chain_that_is_cut_by_reloads_goes_on_and_two_tabs_do_each_step_once(chromium, tmp_path):
    """Whoever reloads at any moment finds it at work, and at the end there is one of everything."""
    path = tmp_path / "workspace"
    with served(path) as address, people(chromium, "Ada") as (ada,):
        page, other = visit(ada, address), visit(ada, address)
        for tab in (page, other):
            tab.get_by_role("button", name="Run the chain").click()
        for _ in range(6):
            page.wait_for_timeout(350)
            page.reload()
        for tab in (page, other):
            tab.get_by_text("Ask about one").wait_for()
        ws = Workspace.open(path, create=False)
        done = [event["kind"] for event in ws.log()]

    assert {done.count(kind) for kind in ("dataset.add", "run.queue", "run.end", "model.register")} == {1}, done
    assert [len(ws.releases.timeline(place)) for place in chain.PLACES] == [1, 1]
