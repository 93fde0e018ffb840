"""Batch: answers a file of rows.

python batch_predict.py --data data/daily.csv --output data/scored.csv
"""

import argparse
import os
import sys
from pathlib import Path

from src.config import load_project
from src.predict import answer, load_model, read_rows


def main(model_path, data_path, output_path):
    """Write the answers, and beside them the rows that cannot be used: rows out + rejected = rows in."""
    model = load_model(model_path)
    rows = read_rows(data_path)
    answers, rejected = answer(model, rows)
    output, beside = Path(output_path), Path(f"{output_path}.rejected.csv")
    write(answers, output)
    if len(rejected):
        write(rejected, beside)
    elif beside.exists():
        beside.unlink()
    version = model.about["version"]
    print(f"{len(answers):,} of {len(rows):,} rows answered by {version}, {len(rejected):,} rejected: {output}")


def write(frame, path):
    """Write a CSV or parquet file: whoever reads it meanwhile finds the old one or the new one, never a half."""
    part = path.with_name(f".{path.name}.part")
    if path.suffix == ".parquet":
        frame.to_parquet(part, index=False)
    else:
        frame.to_csv(part, index=False)
    os.replace(part, path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Score a file of rows.")
    parser.add_argument("--model", help="models/latest.joblib (default: the one that configs/project.yaml names)")
    parser.add_argument("--data", required=True, help="rows to score: csv or parquet")
    parser.add_argument("--output", required=True, help="file for the answers: csv or parquet")
    arguments = parser.parse_args()
    try:
        main(arguments.model or load_project()["model"], arguments.data, arguments.output)
    except (OSError, ValueError) as error:
        sys.exit(f"Error: {error}")
