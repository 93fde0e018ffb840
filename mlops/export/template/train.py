"""Train: makes the model, and says whether it is the one of the first experiment.

python train.py --config configs/config.yaml
"""

import argparse
import json
import sys

from src.config import load_config, load_project
from src.train import save_model, train


def main(config_path, environment, name):
    """Train as a config says, keep what comes out, and say whether it is what the first experiment said."""
    config, project = load_config(config_path, environment), load_project()
    pipeline, about, predictions = train(config, project["data"])
    path = save_model(name, pipeline, about, predictions, config)
    for part, found in about["metrics"].items():
        print(f"{part:<11}", *(f"{metric} {value:.4f}  " for metric, value in found.items()))
    print(f"Kept: models/{path.name}, experiments/{name}/")
    known = json.loads((project["experiment"] / "run.json").read_text(encoding="utf-8"))
    same = "the same as" if about["predictions_sha256"] == known["predictions_sha256"] else "others than"
    print(f"Predictions: {about['predictions_sha256']}, {same} those of {project['experiment'].name}.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train the model as a config says.")
    parser.add_argument("--config", required=True, help="configs/config.yaml")
    parser.add_argument("--env", help="lay what differs there over it: configs/config.ENV.yaml")
    parser.add_argument("--name", default="latest", help="what model and experiment are called (default: latest)")
    arguments = parser.parse_args()
    try:
        main(arguments.config, arguments.env, arguments.name)
    except (OSError, ValueError) as error:
        sys.exit(f"Error: {error}")
