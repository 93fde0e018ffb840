"""Generate the customers of a simulated subscription provider.

Every month a *cohort* of customers comes up for renewal. The generator draws who they are, lets the *law*
of that month decide how likely each one is to leave, draws the outcome, and writes down what the provider's
systems would have recorded. *Events* - a price rise, a unit bug - change people, law or records.

Nothing here is real: no customer, no company. What is real is the statistics: outcomes follow the
probabilities in the teacher's file, so the best achievable AUC of a month is known and a model can be
compared with it.

The same arguments give the same bytes on every machine: all randomness is raw integers of PCG64 (a stream
NumPy promises never to change), turned into fractions here; every month has a stream of its own; numbers are
written with fixed decimals. The first rows of a larger cohort are the rows of the smaller one.

Examples
--------
    python sample_data/generate.py --out sample_data
    python sample_data/generate.py --out more --rows-per-month 20000 --seed 7
    python sample_data/generate.py --out calm --without price_rise competitor
    python sample_data/generate.py --out migrated --with crm_migration
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype

SEED = 17  # one of thirty tried: its monthly noise hides nothing of the story, which holds for all of them
ROWS_PER_MONTH = 3000
MONTHS = tuple(str(month) for month in pd.period_range("2023-09", "2024-12", freq="M"))
HISTORY = MONTHS[:3]  # the cohorts whose outcomes are known when the story begins, on 1 December 2023
CORRECTED = 312  # fees of the shipped history that a colleague corrects; fewer or more in a smaller or larger one
VALUE_ADDED_TAX = 0.19
LISTED = ("2024-01", 200)  # month and number of the customers on the list that Lena was sent
EXPORTED = ("2024-11", 200)  # month and number of the customers in the first export of the new customer system
BY_HAND = ((16, "monthly_fee", "about 30"), (140, "tenure_months", ""))  # row, column and what somebody typed there

# One uniform fraction per customer and name. A further name changes every customer after the first, so the
# shipped files must then be generated again.
DRAWS = (
    *("age", "region", "channel", "platform", "plan", "contract", "payment", "autopay", "newsletter", "tenure"),
    *("discount", "addons", "habit", "usage", "trend", "idle", "calls", "late", "mood"),
    *("no_age", "no_usage", "no_survey", "campaign", "marketplace", "outcome"),
)

LIST_PRICE = {"basic": 8.99, "standard": 13.99, "premium": 19.99}  # EUR per month
COLUMNS = Path(__file__).with_name("columns.yaml")  # label, unit and meaning of each column, written by hand
DECIMALS = {"age": 0, "monthly_fee": 2, "price_eur": 2, "usage_hours": 1, "satisfaction": 0}
REGIONS = {"north": 0.28, "south": 0.24, "east": 0.2, "west": 0.19, "islands": 0.09}  # shares of customers

Draws = Mapping[str, np.ndarray]


# --- Turning uniform fractions into people ------------------------------------------------------------------


def uniforms(stream: np.random.SeedSequence, rows: int) -> dict[str, np.ndarray]:
    """Draw one fraction in (0, 1) per customer and name in `DRAWS`, customer by customer.

    `Generator` methods may change between NumPy releases, raw PCG64 output may not; hence the arithmetic.
    """
    raw = np.random.PCG64(stream).random_raw(rows * len(DRAWS))
    fractions = ((raw >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52
    return dict(zip(DRAWS, fractions.reshape(rows, len(DRAWS)).T, strict=True))


def pick(draw: np.ndarray, shares: Mapping[str, float]) -> np.ndarray:
    """Choose a category per customer; the shares add up to one."""
    edges = np.cumsum(list(shares.values()))[:-1]
    return np.array(list(shares), dtype=object)[np.searchsorted(edges, draw, side="right")]


def bell(draw: np.ndarray) -> np.ndarray:
    """Return bell-shaped values with mean 0 and deviation 1 (logistic: it needs nothing but a logarithm)."""
    return np.log(draw / (1 - draw)) * (np.sqrt(3) / np.pi)


def count(draw: np.ndarray, mean: np.ndarray | float) -> np.ndarray:
    """Return whole numbers from 0 up with the given mean (geometric)."""
    return np.floor(np.log(1 - draw) / np.log(mean / (1 + mean))).astype(np.int64)


def loyalty_bonus(tenure_months: pd.Series) -> pd.Series:
    """Return the fraction off the fee under the old tariffs: 4 % per full year, at most 24 %."""
    return 0.04 * (tenure_months // 12).clip(upper=6)


def draw_people(draws: Draws) -> pd.DataFrame:
    """Draw who is up for renewal, as things really are: no missing values, right units."""
    habit = bell(draws["habit"])  # how much a customer is used to the service; nobody records it
    usage = np.exp(2.6 + 0.75 * habit + 0.45 * bell(draws["usage"])).clip(0.1, 400)
    trend = (8 * habit + 20 * bell(draws["trend"])).clip(-100, 200)
    payment = {"card": 0.42, "bank": 0.33, "wallet": 0.15, "invoice": 0.1}
    people = pd.DataFrame(
        {
            "age": (44 + 14 * bell(draws["age"])).round().clip(18, 90),
            "region": pick(draws["region"], REGIONS),
            "channel": pick(draws["channel"], {"web": 0.42, "app": 0.24, "store": 0.2, "partner": 0.14}),
            "platform": pick(draws["platform"], {"android": 0.34, "ios": 0.27, "tv": 0.24, "browser": 0.15}),
            "plan": pick(draws["plan"], {"basic": 0.35, "standard": 0.42, "premium": 0.23}),
            "contract": pick(draws["contract"], {"monthly": 0.46, "annual": 0.36, "two_year": 0.18}),
            "payment_method": pick(draws["payment"], payment),
            "autopay": draws["autopay"] < 0.62,
            "newsletter": draws["newsletter"] < 0.45,
            "tenure_months": (1 - 30 * np.log(1 - draws["tenure"])).astype(np.int64).clip(1, 144),
            "monthly_fee": 0.0,  # follows from plan, discount and tenure below
            "discount_pct": 10 * np.searchsorted([0.62, 0.82, 0.94], draws["discount"], side="right"),
            "usage_hours": usage.round(1),
            "usage_trend_pct": trend.round().astype(np.int64),
            "days_since_last_use": count(draws["idle"], 28 / (1 + usage / 4)).clip(0, 60),
            "support_calls": count(draws["calls"], 0.9),
            "late_payments": count(draws["late"], 0.5).clip(0, 12),
            "satisfaction": (3.4 + 0.4 * habit + 0.9 * bell(draws["mood"])).round().clip(1, 5),
        }
    )
    add_ons = 2.5 * count(draws["addons"], 0.6).clip(0, 4)
    price = people["plan"].map(LIST_PRICE) * (1 - people["discount_pct"] / 100) + add_ons
    people["monthly_fee"] = (price * (1 - loyalty_bonus(people["tenure_months"]))).round(2)
    return people


def years(people: pd.DataFrame) -> pd.Series:
    """Return tenure on a scale where the first years count most."""
    return np.log1p(people["tenure_months"] / 12)


def hours(people: pd.DataFrame) -> pd.Series:
    """Return usage on a scale where the first hours count most."""
    return np.log1p(people["usage_hours"])


def usual_law(people: pd.DataFrame) -> pd.Series:
    """Return the log-odds of leaving while nothing special happens; what is not named here has no effect."""
    fee_per_hour = people["monthly_fee"] / (people["usage_hours"] + 2)
    return (
        0.9
        + people["contract"].map({"monthly": 0.85, "annual": 0.0, "two_year": -0.95})
        - 1.2 * years(people)
        - 0.8 * hours(people)
        - 0.015 * people["usage_trend_pct"]
        + 0.025 * people["days_since_last_use"]
        + 0.25 * people["support_calls"]
        + 0.95 * (people["support_calls"] >= 3)
        + 0.35 * people["late_payments"]
        - 0.3 * (people["satisfaction"] - 3)
        - 0.5 * people["autopay"]
        + 0.03 * people["discount_pct"]
        + 0.25 * np.log1p(fee_per_hour)
        + 0.3 * (people["payment_method"] == "invoice")
        - 0.006 * (people["age"] - 44)
    )


# --- Events -------------------------------------------------------------------------------------------------


def raise_prices(people: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Abolish the loyalty bonus and lift all fees by 8 %."""
    fee = people["monthly_fee"] / (1 - loyalty_bonus(people["tenure_months"])) * 1.08
    return people.assign(monthly_fee=fee.round(2))


def resent_the_price(people: pd.DataFrame) -> pd.Series:
    """Let loyal customers resent the lost bonus, and everyone a high fee."""
    return 0.85 * years(people) + 0.12 * people["monthly_fee"] - 2.6


def renew_the_campaign(people: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Make 45 % of the cohort young people who joined through last year's app campaign."""
    joined = draws["campaign"] < 0.45
    return people.assign(
        age=people["age"].mask(joined, (18 + 0.3 * (people["age"] - 18)).round()),
        channel=people["channel"].mask(joined, "app"),
        payment_method=people["payment_method"].mask(joined, "wallet"),
        newsletter=people["newsletter"] | joined,
    )


def write_minutes(records: pd.DataFrame) -> pd.DataFrame:
    """Record the usage of the television app in minutes, in the column that holds hours."""
    wrong = records["platform"] == "tv"
    minutes = (records["usage_hours"] * 60).round(1)
    return records.assign(usage_hours=records["usage_hours"].mask(wrong, minutes))


def follow_the_competitor(people: pd.DataFrame) -> pd.Series:
    """Draw away heavy users, once the most faithful, above all where the competitor has shops."""
    return (
        1.05 * hours(people)
        + 1.4 * people["region"].isin(["north", "islands"])
        + 0.5 * (people["contract"] == "monthly")
        - 3.7
    )


def open_marketplace(people: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Let a fifth of the cohort come through a channel nobody has seen before."""
    return people.assign(channel=people["channel"].mask(draws["marketplace"] < 0.2, "marketplace"))


def compare_offers(people: pd.DataFrame) -> pd.Series:
    """Let customers of the marketplace leave more often; they see other offers every day."""
    return 0.8 * (people["channel"] == "marketplace")


def migrate_crm(records: pd.DataFrame) -> pd.DataFrame:
    """Rename two columns and recode three, as a new customer system would."""
    return records.assign(
        region=records["region"].str[:1].str.upper(),
        plan=records["plan"].map({"basic": "P10", "standard": "P20", "premium": "P30"}),
        contract=records["contract"].map({"monthly": "M01", "annual": "M12", "two_year": "M24"}),
    ).rename(columns={"tenure_months": "months_active", "monthly_fee": "price_eur"})


def same_people(people: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Leave the cohort as it is."""
    return people


def no_effect(people: pd.DataFrame) -> float:
    """Leave the law as it is."""
    return 0.0


def same_records(records: pd.DataFrame) -> pd.DataFrame:
    """Leave the records as they are."""
    return records


@dataclass(frozen=True)
class Event:
    """Something that happens to the provider.

    Parameters
    ----------
    name : str
        What the command line calls it.
    month : str
        First month it affects, "2024-02".
    until : str or None
        Last month it affects; None when it stays.
    what : str
        What happens, in words.
    usual : bool
        Whether it is part of the shipped year.
    people : callable
        Changes who is up for renewal (and what they pay).
    law : callable
        Adds to the log-odds of leaving.
    records : callable
        Changes what is written down, not what is true.
    """

    name: str
    month: str
    until: str | None
    what: str
    usual: bool = True
    people: Callable[[pd.DataFrame, Draws], pd.DataFrame] = same_people
    law: Callable[[pd.DataFrame], pd.Series | float] = no_effect
    records: Callable[[pd.DataFrame], pd.DataFrame] = same_records

    def affects(self, month: str) -> bool:
        """Tell whether a month's cohort feels this event."""
        return self.month <= month and (self.until is None or month <= self.until)


EVENTS = (
    Event("price_rise", "2024-02", None, "loyalty bonus abolished, fees +8 %; loyal customers resent it",
          people=raise_prices, law=resent_the_price),
    Event("harmless_shift", "2024-05", "2024-05", "customers of last year's app campaign come up for renewal",
          people=renew_the_campaign),
    Event("unit_bug", "2024-07", "2024-07", "the television app records usage in minutes instead of hours",
          records=write_minutes),
    Event("competitor", "2024-08", None, "a competitor courts heavy users; inputs stay, behaviour changes",
          law=follow_the_competitor),
    Event("new_channel", "2024-06", None, "a fifth of the customers comes through a marketplace",
          usual=False, people=open_marketplace, law=compare_offers),
    Event("crm_migration", "2024-11", None, "a new customer system renames two columns and recodes three",
          usual=False, records=migrate_crm),
)  # fmt: skip


def choose_events(without: Iterable[str] = (), extra: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the shipped year's events, less some, plus some."""
    without, extra = set(without), set(extra)
    return tuple(e.name for e in EVENTS if e.name in extra or (e.usual and e.name not in without))


# --- Cohorts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cohort:
    """The customers of one month.

    Parameters
    ----------
    month : str
        "2023-09".
    customers : pandas.DataFrame
        What the provider knows at renewal: `customer_id`, `month` and the features.
    outcomes : pandas.DataFrame
        What it learns later: `customer_id`, `churn` (0 or 1), `known_at`.
    truth : pandas.DataFrame
        What nobody knows: `customer_id`, `month`, `true_probability`.
    """

    month: str
    customers: pd.DataFrame
    outcomes: pd.DataFrame
    truth: pd.DataFrame

    def labelled(self) -> pd.DataFrame:
        """Return the customers with `churn` as the last column."""
        return self.customers.assign(churn=self.outcomes["churn"])


def known_at(month: str) -> str:
    """Return when a cohort's outcomes are known: the last second of the following month, UTC."""
    return (pd.Period(month, freq="M") + 1).end_time.strftime("%Y-%m-%dT%H:%M:%SZ")


def forget(people: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Drop what the provider does not know; a blank changes nobody's behaviour.

    Some give no date of birth, some switch off usage tracking, and a third does not answer the survey -
    people who use the service little answer least.
    """
    silent = draws["no_survey"] < np.where(people["usage_hours"] < 8, 0.5, 0.27)
    return people.assign(
        age=people["age"].mask(draws["no_age"] < 0.03),
        usage_hours=people["usage_hours"].mask(draws["no_usage"] < 0.04),
        satisfaction=people["satisfaction"].mask(silent),
    )


def draw_cohort(month: str, stream: np.random.SeedSequence, rows: int, events: Iterable[Event]) -> Cohort:
    """Draw one month: people, their probability of leaving, their outcome, and the records of all that."""
    draws = uniforms(stream, rows)
    events = [event for event in events if event.affects(month)]

    people = draw_people(draws)
    for event in events:
        people = event.people(people, draws)
    log_odds = usual_law(people) + sum(event.law(people) for event in events)
    probability = 1 / (1 + np.exp(-log_odds))
    records = forget(people, draws)
    for event in events:
        records = event.records(records)

    ids = [f"c{month[2:4]}{month[5:]}-{number:04d}" for number in range(1, rows + 1)]
    records.insert(0, "customer_id", ids)
    records.insert(1, "month", month)
    churn = (draws["outcome"] < probability).astype(np.int64)
    return Cohort(
        month=month,
        customers=records,
        outcomes=pd.DataFrame({"customer_id": ids, "churn": churn, "known_at": known_at(month)}),
        truth=pd.DataFrame({"customer_id": ids, "month": month, "true_probability": probability}),
    )


def generate(
    seed: int = SEED, rows_per_month: int = ROWS_PER_MONTH, events: Iterable[str] | None = None
) -> dict[str, Cohort]:
    """Generate all cohorts from September 2023 to December 2024.

    Parameters
    ----------
    seed : int, default=17
        Any whole number from 0 up. Each month has a stream of its own, so an event changes its months only.
    rows_per_month : int, default=3000
        Customers per cohort.
    events : iterable of str, optional
        Names from `EVENTS`; None means the shipped year (see `choose_events`), () an uneventful one.

    Returns
    -------
    dict of str to Cohort
        By month, in order.

    Raises
    ------
    ValueError
        If `rows_per_month` or `seed` is out of range or an event is unknown.

    Examples
    --------
    >>> calm = generate(seed=1, rows_per_month=10, events=())
    >>> list(calm)[0], len(calm), len(calm["2023-09"].customers)
    ('2023-09', 16, 10)
    """
    if rows_per_month < 1:
        raise ValueError(f"rows_per_month is {rows_per_month!r}; a cohort has at least 1 customer.")
    if seed < 0:
        raise ValueError(f"seed is {seed!r}; it is a whole number from 0 up.")
    names = choose_events() if events is None else tuple(events)
    if unknown := set(names) - {event.name for event in EVENTS}:
        raise ValueError(f"Unknown event {min(unknown)!r}. There are: {', '.join(e.name for e in EVENTS)}.")

    chosen = [event for event in EVENTS if event.name in names]
    streams = streams_of(seed)
    return {month: draw_cohort(month, streams[month], rows_per_month, chosen) for month in MONTHS}


def streams_of(seed: int) -> dict[str, np.random.SeedSequence]:
    """Return the streams of a seed: one for each month, and after them one for the correction."""
    names = (*MONTHS, "correction")
    return dict(zip(names, np.random.SeedSequence(seed).spawn(len(names)), strict=True))


def correct_fees(history: pd.DataFrame, stream: np.random.SeedSequence) -> pd.DataFrame:
    """Return the history as Jo left it one evening: value added tax put into the fees of one partner.

    Jo had found out that one of the shops behind the channel "partner" reports its fees without the tax, and typed
    it in, in place. Nobody records which shop signed a contract, so the rows are drawn from the partner's; nothing
    but their `monthly_fee` changes.

    Parameters
    ----------
    history : pandas.DataFrame
        The labelled cohorts of `HISTORY`.
    stream : numpy.random.SeedSequence
        A stream of its own, so that no other file depends on it.
    """
    partner = np.flatnonzero(history["channel"] == "partner")
    wanted = round(CORRECTED * len(history) / (len(HISTORY) * ROWS_PER_MONTH))
    order = np.argsort(np.random.PCG64(stream).random_raw(len(partner)), kind="stable")
    fee = history["monthly_fee"].to_numpy(copy=True)
    rows = partner[order[:wanted]]
    fee[rows] = (fee[rows] * (1 + VALUE_ADDED_TAX)).round(2)
    return history.assign(monthly_fee=fee)


def listed(customers: pd.DataFrame) -> bytes:
    """Return the list that Lena was sent: the first customers of a month, two of them typed by hand."""
    rows = pd.read_csv(BytesIO(to_csv(customers.head(LISTED[1]))), dtype=str, keep_default_na=False)
    for row, column, typed in BY_HAND:
        if row < len(rows):
            rows.loc[row, column] = typed
    return to_csv(rows, {})


def exported(customers: pd.DataFrame) -> bytes:
    """Return the first customers of a month as the new customer system writes them: other names, other codes."""
    rows = customers.head(EXPORTED[1])
    return to_csv(rows if "months_active" in rows else migrate_crm(rows))


# --- Files --------------------------------------------------------------------------------------------------


def to_csv(frame: pd.DataFrame, decimals: Mapping[str, int] = DECIMALS) -> bytes:
    """Write a table as CSV: fixed decimals, true/false, blanks for missing values, line feeds everywhere."""
    text = frame.copy()
    for column, dtype in frame.dtypes.items():
        if is_bool_dtype(dtype):
            text[column] = np.where(frame[column], "true", "false")
        elif column in decimals:
            text[column] = [f"{v:.{decimals[column]}f}" if v == v else "" for v in frame[column]]
    return text.to_csv(index=False, lineterminator="\n").encode()


def files(cohorts: Mapping[str, Cohort], seed: int = SEED) -> dict[str, bytes]:
    """Return the content of every shipped file by its relative name; `seed` is the one the cohorts were drawn from."""
    later = [cohort for month, cohort in cohorts.items() if month not in HISTORY]
    history = pd.concat([cohorts[m].labelled() for m in HISTORY], ignore_index=True)
    content = {
        "customers_2023.csv": to_csv(history),
        "customers_2023_corrected.csv": to_csv(correct_fees(history, streams_of(seed)["correction"])),
        "columns.yaml": COLUMNS.read_bytes(),
    }
    for cohort in later:
        content[f"customers_{cohort.month}.csv"] = to_csv(cohort.customers)
        content[f"outcomes_{cohort.month}.csv"] = to_csv(cohort.outcomes)
    content["lenas_list.csv"] = listed(cohorts[LISTED[0]].customers)
    content["crm_export.csv"] = exported(cohorts[EXPORTED[0]].customers)
    truth = pd.concat([cohort.truth for cohort in cohorts.values()])
    content["teacher/true_probabilities.csv"] = to_csv(truth, {"true_probability": 4})
    return content


def write(cohorts: Mapping[str, Cohort], folder: str | Path, seed: int = SEED) -> list[Path]:
    """Write all files into a folder, replacing files of the same name; return their paths."""
    paths = []
    for name, content in files(cohorts, seed).items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        paths.append(path)
    return paths


def command_line() -> argparse.ArgumentParser:
    """Describe the command line."""
    events = [f"    {e.name:16}{e.month}  {'on ' if e.usual else 'off'}  {e.what}" for e in EVENTS]
    parser = argparse.ArgumentParser(
        description="Generate the customers of a simulated subscription provider.",
        epilog="\n".join(["Events", "------", *events, "", __doc__[__doc__.index("Examples") :]]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [event.name for event in EVENTS]
    parser.add_argument("--out", required=True, metavar="DIR", help="folder for the files; made when missing")
    parser.add_argument("--rows-per-month", type=int, default=ROWS_PER_MONTH, metavar="N", help="default %(default)s")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="default %(default)s")
    parser.add_argument("--without", action="extend", nargs="+", default=[], choices=names, metavar="EVENT",
                        help="leave these events out")  # fmt: skip
    parser.add_argument("--with", dest="extra", action="extend", nargs="+", default=[], choices=names,
                        metavar="EVENT", help="add these events")  # fmt: skip
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = command_line()
    options = parser.parse_args(arguments)
    try:
        events = choose_events(options.without, options.extra)
        cohorts = generate(options.seed, options.rows_per_month, events)
    except ValueError as error:
        parser.error(str(error))
    paths = write(cohorts, options.out, options.seed)
    print(f"{len(paths)} files in {options.out}: {len(cohorts)} cohorts of {options.rows_per_month} customers")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
