# %% [markdown]
# # From notebook to production: the lab
#
# The whole way in one notebook, with nothing but the package `mlops`: **data, config, run, model, deployment**, and
# back. About 25 minutes. It runs from top to bottom as it is; it is more fun if you write down what you expect first.
# Wherever `guess` stands, put your number or word in place of the dots, run the cell, and change what you like.
#
# *Real:* the trainings, files, hashes and predictions. *Simulated:* the customers, and the calendar.
#
# **Before the first cell.** It runs in Jupyter and VS Code, with a Python that has the packages of this project:
# `pip install -r requirements.txt` in its checkout (and `pip install notebook` for Jupyter itself). The app need not
# run.

# %%
CHECKOUT = None  # where the project lies; the app fills this in when you download from Guide
SIGN_IN = None  # the workspace of the app that shall know you were here; filled in as well

import os
import sys
from pathlib import Path

here = Path(CHECKOUT) if CHECKOUT else Path.cwd()
for folder in [here, *here.parents]:
    if (folder / "mlops" / "workspace.py").is_file():
        sys.path.insert(0, str(folder))
        os.environ["PYTHONPATH"] = str(folder)  # for the processes that train again
        break

try:
    from mlops import MlopsError, Workspace, sample
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"{missing}. Write the project's folder into CHECKOUT above, or open this file from its folder sample_data; "
        "its packages come with: pip install -r requirements.txt"
    ) from None

if not sample.FILE.is_file():
    raise SystemExit(f"The data of the lab is not here: {sample.FILE}. Write the project's folder into CHECKOUT above.")
DATA = sample.FILE.parent


def free(start):
    """Return the first folder with a number that is not there yet: nothing is ever overwritten."""
    return next(path for number in range(1, 10_000) if not (path := Path(f"{start}-{number}")).exists())


def guessed(guess, answer):
    print(f"You said {guess}; it is {answer}." if guess is not ... else f"It is {answer}. (You did not guess.)")


theirs = Path(SIGN_IN) if SIGN_IN and Path(SIGN_IN).is_dir() else None
ws = Workspace.open(free(f"{theirs}-notebook" if theirs else Path.cwd() / "mlops_lab"))
ws.set_clock("2024-01-10 09:00", tz="America/New_York")
print("Your workspace:", ws.path)

# %% [markdown]
# ## 1. Freeze the data
#
# A file name is a nickname: whoever saves over `customers.csv` changes yesterday's training. A *version* is a copy with
# a hash. Jo "corrected" the file. Keep both, and see what she did.
#
# **Guess:** in how many of the 9,000 rows did she change something?

# %%
guess = ...

first = ws.datasets.add(
    DATA / "customers_2023.csv", name="customers", target="churn", id="customer_id", message="from the warehouse"
)
second = ws.datasets.add(DATA / "customers_2023_corrected.csv", name="customers", message="Jo's corrections")
difference = ws.datasets.diff(first.ref, second.ref)

guessed(guess, difference.rows_changed)
print("cells by column:", dict(difference.cells_changed))
for change in difference.changes[:3]:
    print(f"  {change['id']}: {change['column']} {change['before']} -> {change['after']}")
print(first.ref, first.sha256[:12], "|", second.ref, second.sha256[:12])

# %% [markdown]
# Same name, two hashes. What a run learned from is recorded as the hash, so nobody can swap it behind your back.
#
# ## 2. Config, not code
#
# Whatever you might try differently tomorrow stands in a config: no number hides in a cell.

# %%
CONFIG = """
name: churn
data: {name: customers, version: 1}
features: {exclude: [month]}
model: {type: gradient_boosting, n_estimators: 60, max_depth: 3}
training: {test_size: 0.2, random_state: 42}
thresholds: {churn: 0.35}
"""

run = ws.train(CONFIG, note="the first honest one")
print(run.run_id, "AUC on validation rows:", round(run.metrics["validation"]["auc"], 3))

# %% [markdown]
# ## 3. Same recipe, same cake
#
# Now train it again, from its record alone, in a fresh process. **Guess:** how many of its answers come out different?

# %%
guess = ...

again = ws.reproduce(run)

guessed(guess, again.predictions["changed"] if again.predictions else 0)
print(again.verdict, "-", again.why)

# %% [markdown]
# And a run without a seed? **Guess** the verdict in a word.

# %%
guess = ...

unseeded = ws.train(CONFIG, seed=None, note="no seed")
guessed(guess, ws.reproduce(unseeded).verdict)

# %% [markdown]
# "Impossible" is an answer as well: nobody can prove that number, not even you.
#
# ## 4. Keep track, compare like with like
#
# Change one key, and let the record say what differs. **Guess:** by how much does the AUC change, in thousandths?
# Try other values: the cell may run as often as you like.

# %%
guess = ...
depth = 5

deeper = ws.train(CONFIG, overrides={"model.max_depth": depth}, note=f"depth {depth}")
found = ws.comparisons.difference(run.run_id, deeper.run_id, "auc")

guessed(guess, round(1000 * found.difference))
print(f"{found.difference:+.4f} (95 %: {found.low:+.4f} to {found.high:+.4f}) on {found.rows:,} rows: {found.verdict}")
print("what differs:", [one["key"] for one in ws.comparisons.compare([run.run_id, deeper.run_id]).differs])

ws.runs.tag(run.run_id, "candidate", "yes")
run = ws.runs.note(run.run_id, "simpler, and no worse beyond luck")

# %% [markdown]
# Same data, same seed, same validation rows: what is left is the depth, or luck, and the interval says which.
#
# ## 5. A version, with its papers
#
# Registering gives the run's model a number that is never used twice. Its metadata lies beside the file.

# %%
model = ws.models.register(
    run, "churn_model", card={"purpose": "whom Lena calls", "owner": "you", "limits": "no customers of this month"}
)
papers = ws.models.metadata(model)
print(model.ref, model.sha256[:12])
print({key: papers[key] for key in ("version", "data_version", "threshold")})

# %% [markdown]
# ## 6. Staging, then production
#
# **Guess:** may it go to production at once - yes or no?

# %%
guess = ...

try:
    ws.deploy(model, "production", "at once")
    guessed(guess, "yes")
except MlopsError as refusal:
    guessed(guess, "no")
    print(refusal)

# %%
ws.deploy(model, "staging", "rehearsal")
ws.deploy(model, "production", "first release")
print("live:", ws.releases.live("production").model["version"])

# %% [markdown]
# ## 7. One or many
#
# One customer, and a file of 3,000. **Guess:** to how many digits do both say the same of the same customer?

# %%
guess = ...

import json

import pandas as pd

january = pd.read_csv(DATA / "customers_2024-01.csv")
customer = json.loads(january.iloc[[0]].to_json(orient="records"))[0]
one = ws.predict("churn_model@production", customer)
report = ws.batch_predict(
    "churn_model@production", DATA / "customers_2024-01.csv", ws.path.with_name(f"{ws.path.name}-january.csv")
)
many = pd.read_csv(ws.path.with_name(f"{ws.path.name}-january.csv"))

alone, in_file = one.as_dict()["churn_probability"], many["churn_probability"].iloc[0]
guessed(guess, "all of them" if alone == in_file else "not all")
print(alone, in_file, "|", report.rows, "answered +", report.rejected, "rejected =", report.input_rows)

# %% [markdown]
# ## 8. March 15th, 2 pm
#
# In March another version follows, and it is a bad one: its threshold is 0.95, so hardly anybody is called.
# Go back. **Guess:** after the rollback, what does history say was live on March 15th at 2 pm in New York?

# %%
guess = ...

ws.set_clock("2024-03-15 11:00", tz="America/New_York")
bad = ws.models.register(ws.train(CONFIG, overrides={"thresholds.churn": 0.95}, note="threshold"), "churn_model")
ws.deploy(bad, "staging", "rehearsal")
ws.deploy(bad, "production", "in a hurry", override="no time to look")

ws.set_clock("2024-03-15 17:40", tz="America/New_York")
ws.rollback("production", "hardly anybody is called", model="churn_model")

then = ws.live_at("2024-03-15 14:00", tz="America/New_York")
guessed(guess, then.model["version"])
print("now:", ws.releases.live("production").model["version"])
for release in ws.releases.timeline("production"):
    print(f"  {release.at[:16]}Z {release.model['version']} {release.status}: {release.reason}")

# %% [markdown]
# Rolling back *adds* to history: the bad release stays on record. And what was answered can be answered again:

# %%
replay = ws.predictions.replay(one.prediction_id)
print("answered again by", replay.model["version"], "- equal to the last digit:", replay.equal)

# %% [markdown]
# ## 9. The world moves
#
# In July the television app began to record usage in minutes. **Guess** what a look at the inputs says: nothing, drift,
# or an error in the data?

# %%
guess = ...

july = ws.drift(None, DATA / "customers_2024-07.csv", model="churn_model@production")
guessed(guess, july.verdict)
print(july.why)

# %% [markdown]
# An error is repaired, not learned from. In May inputs drift as well, and it does no harm: only outcomes tell.
#
# ## 10. Leave with everything
#
# What is live, as a project of its own: code, config, data, model, tests, and its history in git.

# %%
from mlops.export import project

made = project.write(ws, ws.path.with_name(f"{ws.path.name}-project"), "churn_model@production")
print(made.path)
print(len(made.files), "files,", len(made.commits), "commits; its tests: python -m pytest")

# %% [markdown]
# ## The proof
#
# Recompute the whole history and every file. Then sign: the number and the hash of the last event prove all before it.

# %%
proof = ws.verify()
print("verified:", proof["ok"], "|", proof["events"], "events,", proof["artifacts"], "files")

[last] = ws.log(ws.head() - 1)
signed = {"folder": str(ws.path), "workspace": ws.id, "event": last["seq"], "sha256": last["sha256"]}
ws.journal.write("notebook_lab", signed)
if theirs:
    own = Workspace.open(theirs, create=False)
    sample.begin(own)  # before the first thing is noted there: later its calendar could not go back
    own.journal.write("notebook_lab", signed)
    print("Signed in your workspace of the app: look at Guide, Notebook lab.")

# %% [markdown]
# **One question before you go:** which of these ten steps is missing in your own last project, and which number of
# yours would you not tell your boss any more?
