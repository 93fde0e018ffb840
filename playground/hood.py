"""What stands under the hood of each screen: the command, and the same step in the usual tools."""

from __future__ import annotations

from dataclasses import dataclass

from mlops import Workspace
from mlops.cli import retold


@dataclass(frozen=True)
class Hood:
    """The same work without this screen."""

    command: str
    """On the command line; works as pasted."""
    elsewhere: str
    """With git, DVC and MLflow."""
    kinds: tuple[str, ...]
    """Nouns of the events that this work writes."""
    steps: int = 1
    """How many lines its newest work takes."""


@dataclass(frozen=True)
class Done:
    """What was done last, as a line that does it again."""

    line: str
    said: str
    """What it is the line of."""


HOODS = {
    "start": Hood(
        """mlops data add sample_data/customers_2023.csv --name customers --target churn --id customer_id
mlops train --config configs/churn.yaml
mlops models register RUN --name churn_model
mlops deploy churn_model@latest --env staging --reason rehearsal
mlops deploy churn_model@latest --env production --reason "first release\"""",
        """dvc add customers.csv && git add customers.csv.dvc && git commit -m "first customers"   # data
mlflow run . -P config=churn.yaml --env-manager local                                 # run
mlflow.register_model("runs:/RUN/model", "churn_model")                               # model
client.set_registered_model_alias("churn_model", "production", 1)                     # deployment""",
        ("dataset", "run", "model", "gate", "deployment"),
        steps=5,
    ),
    "data": Hood(
        """mlops data add FILE --name customers -m "what changed"
mlops data diff customers@1 customers@2
mlops data checkout customers@1 -o customers.csv""",
        """dvc add data/customers.csv
git add data/customers.csv.dvc && git commit -m "what changed"
dvc diff HEAD~1
git checkout HEAD~1 data/customers.csv.dvc && dvc checkout""",
        ("dataset",),
    ),
    "train": Hood(
        """mlops config check configs/churn.yaml
mlops train --config configs/churn.yaml --set model.max_depth=4""",
        """with mlflow.start_run():
    mlflow.log_params(params)
    model.fit(X_train, y_train)
    mlflow.log_metrics(metrics)
    mlflow.sklearn.log_model(model, name="model", serialization_format="cloudpickle")
# Its usual format, skops, loads only types that it trusts, and the trees of this model are none of them.""",
        ("run",),
    ),
    "sweep": Hood(
        """mlops sweep --config configs/churn.yaml --grid model.max_depth=2,3,4 --grid model.n_estimators=50,100
mlops sweep --config configs/churn.yaml --grid "model.learning_rate=0.01..0.3 log" --random 20 --jobs 2
mlops runs list --where "tags.sweep = 'SWEEP'" --sort -metrics.validation.auc""",
        """study = optuna.create_study(direction="maximize")
study.optimize(objective, n_trials=20)
optuna.visualization.plot_parallel_coordinate(study)""",
        ("run",),
    ),
    "compare": Hood(
        """mlops runs list --sort -metrics.validation.auc
mlops runs compare RUN RUN""",
        """mlflow.search_runs(order_by=["metrics.auc DESC"])
dvc exp diff EXPERIMENT EXPERIMENT
git diff COMMIT COMMIT -- configs/""",
        ("run",),
    ),
    "difference": Hood(
        """mlops runs diff RUN RUN
mlops data diff customers@1 customers@2""",
        """git diff COMMIT COMMIT -- configs/
dvc diff HEAD~1
mlflow.search_runs(order_by=["metrics.auc DESC"]).T
# Cells, decisions that flipped and paired intervals are yours to compute.""",
        ("run",),
    ),
    "release": Hood(
        """mlops models register RUN --name churn_model
mlops gate churn_model@latest --env production
mlops gate-rule --env production --margin 0.01 --reason TEXT
mlops deploy churn_model@latest --env production --reason TEXT
mlops live-at "2024-03-15 14:00" --env production --tz America/New_York
mlops rollback --env production --model churn_model --reason TEXT --dry-run""",
        """client.set_registered_model_alias("churn_model", "production", 2)   # promote
client.set_registered_model_alias("churn_model", "production", 1)   # roll back
# An alias is a pointer: it does not remember what it pointed at on March 15.
git revert COMMIT                                                   # when a repository holds the state""",
        ("model", "gate", "gate_rule", "deployment"),
    ),
    "predict": Hood(
        """mlops predict @production --row '{"customer_id": "C1", ...}'
mlops batch-predict --model @production --data FILE --output FILE
mlops serve --env production""",
        """model = mlflow.pyfunc.load_model("models:/churn_model@production")
model.predict(rows)
mlflow models serve -m models:/churn_model@production -p 5000 --env-manager local""",
        ("batch", "segment", "shadow_segment"),
    ),
    "monitor": Hood(
        """mlops monitor --env production
mlops drift --model @production --current customers@4 --before customers@3
mlops labels add FILE --dataset customers
mlops alerts list
mlops alerts acknowledge ALERT_ID --reason "the price rise; wait for the outcomes"
mlops shadow --env production --start churn_model@1.2.0 --back --follow
mlops shadow --env production
mlops retrain-rule --env production --when on_outcomes --reason "harm is what counts"
mlops retrain --env production --reason "August says that the world moved\"""",
        """# MLflow keeps no outcomes: the join of predictions with what really happened is yours to build.
# It has no silent candidate: Seldon and service meshes mirror requests, and comparing the answers is yours.
# Evidently and NannyML compare frames and estimate without outcomes; versions, alerts and retraining are yours.""",
        ("labels", "batch", "alert", "retraining", "retrain_rule", "shadow"),
    ),
    "guide": Hood(
        "mlops export project my-project --model @production\nmlops verify",
        "git log --graph --oneline\ngit fsck\ndvc status",
        (),
    ),
}
HOODS["run"] = HOODS["train"]
HOODS["model"] = HOODS["release"]


def done(ws: Workspace, screen: str, shown: tuple[str, ...] = ()) -> list[Done]:
    """Return what was done last of what a screen is for, the oldest step first; or the line of what it shows.

    Parameters
    ----------
    shown : tuple of str
        Words of a line that only looks.

    Examples
    --------
    >>> import tempfile
    >>> ws = Workspace.open(tempfile.mkdtemp() + "/workspace", actor="Ada")
    >>> done(ws, "release")
    []
    >>> rule = ws.gate_rules.set("production", margin=0.01, reason="a point is 40 customers")
    >>> [step.said for step in done(ws, "release")]
    ['What was done last: event 1, by Ada']
    """
    if shown:
        return [Done(retold.written(ws, shown), "What you see here")]
    hood = HOODS[screen]
    steps = [
        Done(line, f"What was done last: event {event['seq']:,}, by {event['actor']}")
        for event, line in retold.newest(ws, hood.kinds, hood.steps)
    ]
    if screen == "predict" and (asked := ws.predictions.list(1)):
        steps.append(Done(retold.request(ws, asked[0]), "What was answered last"))
    return steps
