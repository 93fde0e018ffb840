"""The server: begins, answers, follows what is live, and ends without leaving anybody without an answer."""

from __future__ import annotations

import signal

import pytest

from tests.serving.servers import Served, a_row


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, None], ids=["SIGTERM", "Ctrl-C", "end of input"])
@pytest.mark.slow
def test_the_command_serves_what_is_live_until_it_is_asked_to_end(released, how) -> None:
    """It says where it answers in one line, answers, and leaves with exit code 0 whoever asks it to."""
    with Served(released.path) as served:
        status, answer = served.ask("/predict", a_row(released))

        assert served.ready["model"] == "churn_model" and served.ready["model_version"] == "1.1.0"
        assert status == 200 and answer["model_version"] == "1.1.0"
        assert served.end(how)[0] == 0
    assert released.verify()["ok"]
