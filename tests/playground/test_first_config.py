"""The config that a learner starts with."""

from __future__ import annotations

from mlops import sample
from playground import first_config


def test_own_data_that_is_called_like_the_sample_gets_a_config_that_suits_it(trained):
    """These customers have no month that could be left out."""
    dataset = trained.datasets.get("customers")
    offered = first_config.text(dataset)

    assert "month" not in offered.replace("monthly", "")
    assert trained.train(offered, data=dataset.ref).status == "finished"


def test_every_version_of_the_sample_gets_the_config_of_the_sample(ws, tmp_path):
    """Also one that was corrected."""
    first = sample.add(ws)
    ws.datasets.frame(first.ref).assign(monthly_fee=9.99).to_csv(tmp_path / "corrected.csv", index=False)
    second = ws.datasets.add(tmp_path / "corrected.csv", name=sample.NAME)

    shipped = first_config.SAMPLE_CONFIG.read_text("utf-8")
    assert [first_config.text(version) for version in (first, second)] == [shipped, shipped]


def test_a_customer_with_several_rows_stays_on_one_side(ws, tmp_path, customers):
    """Whatever the column is called: the config keeps together what the data notes."""
    visits = customers.loc[customers.index.repeat(3)].rename(columns={"customer_id": "member"})
    visits.assign(monthly_fee=range(len(visits)), age=range(len(visits))).to_csv(tmp_path / "visits.csv", index=False)
    dataset = ws.datasets.add(tmp_path / "visits.csv", name="visits", target="churn")

    assert '  group: "member"' in first_config.text(dataset)
    run = ws.train(first_config.text(dataset).replace("n_estimators: 100 ", "n_estimators: 2 "), data=dataset.ref)
    parts = ws.runs.predictions(run.run_id)
    member = ws.datasets.frame(dataset.ref)["member"].to_numpy()[parts["row"]]
    assert parts.groupby(member)["part"].nunique().max() == 1
