"""Mutants: faults of one line, and the test that sees each.

A test that passes says little; a test that *fails when the line it guards is wrong* says that it guards it. Each mutant
is an important line, what somebody might write there by mistake, and the test that must notice. All are carried out in
a copy of the project: nothing here touches the checkout.

    python -m tests.mutants                    all of them, a few minutes
    python -m tests.mutants ledger gate        those whose file or test has one of these words

`tests/test_mutants.py` checks in a moment that each line is still there, and carries out a quarter of them among the slow
tests: which quarter, the commit says, so that a few landings try them all. ``MLOPS_MUTANTS=all`` tries them at once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import warm

ROOT = Path(__file__).resolve().parents[1]

TURNS = 4
"""Commits, at least, until each mutant had its turn among the slow tests."""

PATIENCE = 60
"""Seconds after which a test that does not end has seen the mutant: some faults make a program wait for ever."""

QUICKLY = (
    *("-x", "-m", "slow or not slow", "-n", "0", "-p", "no:cacheprovider"),
    *("--assert=plain", "--tb=no", "--hypothesis-profile=quickly"),
)
"""Whether a test fails is all that is asked. Why takes minutes to tell: the smallest example, two folders side by side."""


@dataclass(frozen=True)
class Mutant:
    """A line that matters, a mistake in it, and who notices."""

    file: str
    """Below the root."""
    line: str
    """Text that stands there exactly once."""
    mistake: str
    """What stands there instead."""
    test: str
    """The test that must fail, as pytest names it, below ``tests``."""

    @property
    def id(self) -> str:
        """The mutant in one line."""
        return f"{self.file}: {' '.join(self.mistake.split()) or 'left out: ' + ' '.join(self.line.split())}"

    def text(self, root: Path = ROOT) -> str:
        """Return the text of its file with the mistake in it.

        Raises
        ------
        LookupError
            If the line is not there, or more than once: the mutant must follow the code.
        """
        text = (root / self.file).read_text(encoding="utf-8")
        if text.count(self.line) != 1:
            raise LookupError(f"{self.file} has {text.count(self.line)} times:\n{self.line}")
        return text.replace(self.line, self.mistake)


# fmt: off
MUTANTS: tuple[Mutant, ...] = (
    Mutant('mlops/base/ledger.py', '"BEGIN IMMEDIATE"', '"BEGIN"', 'base/test_ledger.py::test_writers_at_the_same_time_wait_for_each_other'),
    Mutant('mlops/base/ledger.py', '"PRAGMA recursive_triggers = ON"', '"PRAGMA recursive_triggers = OFF"', 'base/test_ledger.py::test_a_connection_of_the_ledger_cannot_rewrite_history'),
    Mutant('mlops/base/events.py', 'first, {**before, **changes}', 'first, {**changes}', 'base/test_ledger.py::test_a_record_is_the_merge_of_its_events'),
    Mutant('mlops/base/past.py', 'if str(_head(view, middle)[1]) <= at', 'if str(_head(view, middle)[1]) < at', 'base/test_past.py::test_the_past_ends_with_the_last_event_at_an_instant'),
    Mutant('mlops/base/past.py', 'changed = {one for one in wanted if (noun, one) in self._changed}', 'changed = set()', 'base/test_past.py::test_what_runs_are_searched_by_is_as_it_was'),
    Mutant('mlops/base/past.py', 'later = today.connection.execute("SELECT seq, kind, subject FROM events WHERE seq > ?", (self._seen,))', 'later = []', 'base/test_past.py::test_a_record_that_changes_after_a_look_is_still_derived_as_it_was'),
    Mutant('mlops/base/past.py', 'after == self._last[0] and request["at"] <= self._now', 'after == self._last[0]', 'release/test_request_log.py::test_the_past_has_the_requests_that_had_come'),
    Mutant('mlops/base/past.py', 'self._derived.need_files(self._today)\n        return super().artifact(path)', 'return self._today.artifact(path)', 'base/test_past.py::test_a_file_has_a_name_from_its_event_on'),
    Mutant('mlops/base/view.py', 'FROM events WHERE seq > ? AND seq <= ? ORDER BY seq"', 'FROM events WHERE seq > ? AND seq < ? + 99 ORDER BY seq"', 'base/test_past.py::test_an_event_names_a_point_between_events_of_one_instant'),
    Mutant('mlops/base/ledger.py', '        noun._ledger.check_present()\n', '', 'test_reads_of_the_past.py::test_whatever_records_something_is_refused_before_it_reads_or_touches_anything'),
    Mutant('mlops/experiments/lifecycle.py', '    if ledger.event is not None:\n        return\n', '', 'base/test_past.py::test_a_file_has_a_name_from_its_event_on'),
    Mutant('mlops/release/request_log.py', 'dropwhile(lambda one: not view.holds(one), chained.newest_first(unsealed))', 'chained.newest_first(unsealed)', 'release/test_request_log.py::test_the_past_has_the_requests_that_had_come'),
    Mutant('mlops/release/request_log.py', 'max(now, last["at"]) if last.get("after") == after else now', 'now', 'release/test_request_log.py::test_the_instants_of_requests_never_go_back'),
    Mutant('mlops/release/request_log.py', '        except OSError:\n            self._file.truncate(self._end)\n', '        except OSError:\n', 'release/test_request_log.py::test_lines_that_do_not_all_fit_on_the_disk_are_none'),
    Mutant('mlops/base/flushes.py', '        if failed := self._failed.pop(path, None):\n            raise failed\n', '        self._failed.pop(path, None)\n', 'base/test_durability.py::test_what_the_disk_did_not_take_is_said_to_whoever_asks_next'),
    Mutant('mlops/base/locks.py', '            filelock.unlock_descriptor(lock.fileno())\n', '            pass\n', 'base/test_locks.py::test_a_turn_is_over_though_a_child_was_forked_in_it'),
    Mutant('mlops/models/matrix.py', '    vars(part).pop("feature_names_in_", None)\n', '', 'release/test_predictions.py::test_many_requests_are_answered_as_each_alone_would_be'),
    Mutant('mlops/release/answering.py', 'if len(wrong) >= MOST_MISFITS:', 'if False:', 'release/test_predictions.py::test_a_request_with_thousands_of_misfits_is_looked_at_until_a_thousand_are_known'),
    Mutant('mlops/cli/frame.py', 'elif self.past == "writes":', 'elif False:', 'cli/test_at.py::test_what_writes_is_refused_in_the_past'),
    Mutant('mlops/data/reading/__init__.py', 'lambda _: _sha256(path) == asked[1]', 'lambda _: True', 'base/test_recent.py::test_a_file_that_changed_while_it_was_read_is_not_remembered'),
    Mutant('mlops/data/quality/__init__.py', 'asked = (tables.content_sha256(table), roles, None', 'asked = (tables.content_sha256(table), None', 'base/test_recent.py::test_the_same_rows_are_judged_once_and_with_other_roles_again'),
    Mutant('mlops/base/verify.py', 'elif prev_sha256 != previous:', 'elif False:', 'base/test_ledger.py::test_an_event_that_was_edited_and_hashed_anew_breaks_the_chain'),
    Mutant('mlops/release/pieces.py', 'hashlib.sha256(data[32:]).digest() != data[:32]', 'len(data) < 40', 'release/test_pieces.py::test_a_damaged_piece_is_asked_again'),
    Mutant('mlops/release/pieces.py', 'sha256_of([model.version.sha256,', 'sha256_of([', 'release/test_pieces.py::test_another_model_answers_anew'),
    Mutant('mlops/base/belts.py', '            if kind is None:\n', '            if kind is not None:\n', 'base/test_belts.py::test_what_a_call_raises_comes_out_of_the_next_one_or_of_the_end'),
    Mutant('mlops/base/belts.py', '            belt.submit(items.close)', '            items.close', 'base/test_belts.py::test_a_generator_that_nobody_asks_any_more_is_closed_by_the_thread_that_ran_it'),
    Mutant('mlops/release/pieces.py', '                file.unlink()', '                pass', 'release/test_pieces.py::test_a_batch_that_was_cut_off_goes_on_and_ends_with_the_same_bytes'),
    Mutant('mlops/release/pieces.py', 'tables.content_sha256(taken)', 'taken.num_rows', 'release/test_pieces.py::test_a_file_that_changed_meanwhile_gets_its_own_answers'),
    Mutant('mlops/release/schedule.py', "line.replace('%', chr(92) + '%')", 'line', 'release/test_schedule.py::test_both_contain_the_same_line_and_odd_names_survive'),
    Mutant('mlops/release/schedule.py', '.replace("$", "$$")', '', 'release/test_schedule.py::test_both_contain_the_same_line_and_odd_names_survive'),
    Mutant('mlops/data/tables.py', 'pc.greater_equal(size, 1e-4)', 'pc.greater_equal(size, 1e-7)', 'data/test_tables.py::test_a_number_is_written_as_python_spells_it'),
    Mutant('mlops/models/scoring.py', 'beyond = {start + row: name', 'beyond = {row: name', 'release/test_batch.py::test_blocks_do_not_show'),
    Mutant('mlops/base/view.py', 'wall_time(), self.head()[1] or "")', 'wall_time(), "")', 'base/test_clock.py::test_a_machine_whose_clock_is_set_back_writes_no_event_before_the_last'),
    Mutant('mlops/base/artifacts.py', 'if observed != sha256:', 'if len(observed) != len(sha256):', 'base/test_artifacts.py::test_changed_bytes_are_never_handed_out'),
    Mutant('mlops/base/artifacts.py', 'self._hash.update(view)', 'self._hash.update(view[:1])', 'base/test_artifacts.py::test_a_staged_file_is_hashed_on_its_way'),
    Mutant('mlops/base/clock.py', 'if first.utcoffset() != second.utcoffset():', 'if False:', 'base/test_clock.py::test_the_hours_around_a_clock_change_ask_for_an_offset'),
    Mutant('mlops/folder.py', '                os.stat(MARKER, dir_fd=here)\n', '', 'test_folder.py::test_who_opened_a_workspace_that_gave_way_leaves_the_lock_of_the_next_one'),
    Mutant('mlops/models/matrix.py', 'np.full((len(lines), len(asked)), len(names))', 'np.full((len(lines), len(asked)), 0)', 'models/test_matrix.py::test_rare_and_unknown_texts_stand_where_scikit_learn_puts_them'),
    Mutant('mlops/models/matrix.py', 'if [*made] not in PARTS:', 'if {*made} - {"numbers", "texts"}:', 'models/test_matrix.py::test_a_preparation_of_other_parts_is_refused'),
    Mutant('mlops/data/tables.py', 'text.slice(place, SAMPLE // 10)', 'text.slice(place // 100, SAMPLE // 10)', 'data/test_tables.py::test_a_sorted_column_that_repeats_at_its_head_alone_is_none_that_repeats'),
    Mutant('mlops/release/batch_files.py', 'ends.callback(rows.finish)', 'rows.finish()', 'release/test_batch.py::test_a_file_that_takes_no_end_keeps_the_other_one_from_none'),
    Mutant('mlops/models/matrix.py', '[*texts, np.nan, unknown]', '[*texts, unknown, unknown]', 'models/test_matrix.py::test_rare_and_unknown_texts_stand_where_scikit_learn_puts_them'),
    Mutant('mlops/data/tables.py', 'pc.fill_null(fits.take(found.indices), True)', 'fits.take(found.indices)', 'data/test_tables.py::test_texts_that_come_again_are_converted_as_each_alone_would_be'),
    Mutant('mlops/folder.py', 'if tx.head()[0] > 0:', 'if False:', 'cli/test_hostile.py::test_a_run_that_failed_stays_on_record_in_a_new_workspace'),
    Mutant('mlops/folder.py', 'if marker.exists():  # asked after that: somebody may just have finished making it', 'if False:', 'test_folder.py::test_a_fork_goes_only_where_nothing_is'),
    Mutant('mlops/training/orders.py', 'planned = [{**changes, **trial}', 'planned = [{**trial}', 'training/test_orders.py::test_the_trials_of_an_order_are_named_by_its_config_and_differ_in_their_values'),
    Mutant('mlops/training/orders.py', 'check_text(note, "note"), runs.check_tags(tags or {})', 'note, tags or {}', 'training/test_orders.py::test_a_file_that_a_config_names_is_added_only_when_every_word_is_understood'),
    Mutant('mlops/workspace.py', 'if last is not None and (instant or clock.wall_time()) < last:', 'if False:', 'base/test_clock.py::test_going_back_names_the_last_event_and_a_way_out'),
    Mutant('mlops/experiments/search.py', 'return (set(_ordered(view, noun, None)) if among is None else among) - inner', 'return inner', 'experiments/test_search.py::test_a_missing_field_makes_a_comparison_false_and_its_opposite_true'),
    Mutant('mlops/data/outcomes.py', 'frame[frame[KNOWN_AT] <= limit]', 'frame', 'data/test_outcomes.py::test_an_outcome_is_known_from_its_own_instant_on'),
    Mutant('mlops/data/outcomes.py', 'known.sort_values(KNOWN_AT, kind="stable")', 'known', 'data/test_outcomes.py::test_what_is_known_is_the_latest_outcome_up_to_then'),
    Mutant('mlops/data/outcomes.py', 'return [one for one in known if (one.id, one.target) == (version.id, version.target)]', 'return known', 'data/test_outcomes.py::test_outcomes_fill_the_gaps_of_their_own_target_only'),
    Mutant('mlops/data/ids.py', 'if found.is_damaged:', 'if False:', 'data/test_ids.py::test_a_next_version_with_damaged_ids_is_refused_and_nothing_is_kept'),
    Mutant('mlops/data/moments.py', 'if why := disorder(column):', 'if why := None:', 'training/test_splitting.py::test_rows_that_cannot_be_divided_like_this_are_refused'),
    Mutant('mlops/data/reading/exact.py', 'yield why, places[found]', 'pass', 'data/test_exact.py::test_a_number_that_would_not_come_back_makes_its_column_text'),
    Mutant('mlops/data/roles.py', 'said = {"task": None, "positive": None} | said', 'pass', 'data/test_roles.py::test_another_target_has_a_task_and_a_positive_class_of_its_own'),
    Mutant('mlops/training/splitting.py', 'return order[moments < first_held_back], order[moments >= first_held_back]', 'return order[moments <= first_held_back], order[moments > first_held_back]', 'training/test_splitting.py::test_the_latest_rows_are_the_test_and_no_month_is_on_two_sides'),
    Mutant('mlops/training/splitting.py', 'same = classes[positions] if roles.task != "regression" else None', 'same = None', 'training/test_splitting.py::test_the_plain_split_is_the_one_of_scikit_learn'),
    Mutant('mlops/training/preparation.py', 'preprocessing.fit_transform(frame.iloc[parts["train"]])', 'preprocessing.fit(frame).transform(frame.iloc[parts["train"]])', 'training/test_pipeline.py::test_the_preprocessing_has_learned_from_the_train_rows_alone'),
    Mutant('mlops/training/preparation.py', '            "source": provenance.source_sha256(),\n', '', 'training/test_pipeline.py::test_what_another_version_of_the_code_prepared_is_prepared_anew'),
    Mutant('mlops/training/preparation.py', '"roles": version.roles.as_dict(),', '"roles": [version.target, version.id, version.positive],', 'training/test_pipeline.py::test_the_same_rows_with_other_roles_are_prepared_anew'),
    Mutant('mlops/training/pipeline.py', 'return replace(version, **(run.roles or {}))', 'return version', 'training/test_chain.py::test_every_run_of_a_history_gives_its_bytes_again'),
    Mutant('mlops/data/datasets.py', 'if len(versions_of(tx, content["name"])) == len(versions):', 'if versions is not None:', 'test_races.py::test_two_who_change_roles_at_once_lose_nothing'),
    Mutant('mlops/base/formats.py', '    connection.execute(f"PRAGMA user_version = {FORMAT}")\n', '', 'test_old_workspace.py::test_the_first_write_brings_it_up_to_date_with_one_event'),
    Mutant('mlops/training/preparation.py', '"training": config.schema.training.model_dump(),', '"training": None,', 'training/test_pipeline.py::test_what_changes_the_prepared_data_is_prepared_anew'),
    Mutant('mlops/training/preparation.py', 'return (made_by, data) if {"made_by": made_by, **recorded} == _named(key, data, made_by) else None', 'return made_by, data', 'training/test_pipeline.py::test_only_a_cache_that_this_history_names_is_loaded'),
    Mutant('mlops/training/fit.py', 'learned, threshold) for part in parts}', 'learned, 0.5) for part in parts}', 'training/test_pipeline.py::test_the_metrics_are_those_of_the_threshold'),
    Mutant('mlops/training/fit.py', 'sys.intern(obj) if type(obj) is str else obj', 'obj', 'models/test_estimators.py::test_the_same_config_gives_the_same_bytes_in_any_process_and_workspace'),
    Mutant('mlops/models/estimators.py', 'drawn = {"random_state": seed} if self.seeded else {}', 'drawn = {"random_state": 0} if self.seeded else {}', 'training/test_pipeline.py::test_the_seed_of_a_run_is_that_of_its_model'),
    Mutant('mlops/models/estimators.py', '{"algorithm": "kd_tree"}', '{"algorithm": "brute"}', 'models/test_estimators.py::test_one_row_and_a_file_and_plain_joblib_agree_to_the_last_bit'),
    Mutant('mlops/models/metrics.py', 'return tp, tp + fn', 'return tp, tp + fp', 'models/test_metrics.py::test_what_is_counted_has_every_digit_of_scikit_learn'),
    Mutant('mlops/models/metrics.py', 'truth, said = labels == signature.positive, scores >= threshold', 'truth, said = labels == signature.positive, scores > threshold', 'models/test_metrics.py::test_the_metrics_of_a_yes_or_no_are_those_of_scikit_learn'),
    Mutant('mlops/models/thresholds.py', 'side="left"', 'side="right"', 'models/test_thresholds.py::test_counts_are_those_of_counting'),
    Mutant('mlops/experiments/lifecycle.py', 'if now["status"] != "running":\n            return now', 'if False:\n            return now', 'experiments/test_lifecycle.py::test_a_run_that_has_ended_does_not_end_again'),
    Mutant('mlops/experiments/lifecycle.py', 'set(abandoned) & set(with_status(tx, "running"))', 'set(abandoned)', 'experiments/test_lifecycle.py::test_a_run_that_ended_while_somebody_looked_is_not_called_interrupted'),
    Mutant('mlops/experiments/lifecycle.py', ' or not room(tx):', ':', 'training/test_queue.py::test_a_run_that_finds_no_room_stays_queued'),
    Mutant('mlops/training/queue.py', 'if (file.st_mtime_ns, file.st_size) == self._idle:', 'if False:', 'training/test_queue.py::test_a_workspace_where_nothing_waits_is_looked_at_without_a_lock'),
    Mutant('mlops/training/queue.py', 'key=lambda look: (look[1].working, look[1].ended)', 'key=lambda look: 0', 'training/test_queue.py::test_workspaces_take_turns'),
    Mutant('mlops/experiments/lifecycle.py', '("queued", "cancelled"): "run.end",', '("queued", "cancelled"): "run.end", ("failed", "running"): "run.start",', 'experiments/test_lifecycle.py::test_nothing_becomes_of_a_run_that_has_ended'),
    Mutant('mlops/experiments/lifecycle.py', 'if before["status"] != "queued" or not room(tx):', 'if False:', 'experiments/test_lifecycle.py::test_a_run_is_claimed_once'),
    Mutant('mlops/experiments/configs.py', 'thresholds: dict[str, Annotated[float, Field(gt=0, lt=1)]]', 'thresholds: dict[str, Annotated[float, Field(ge=0, le=1)]]', 'experiments/test_configs.py::test_every_problem_is_named_with_line_key_and_suggestion'),
    Mutant('mlops/base/strict_yaml.py', 'MAX_BYTES, MAX_DEPTH, MAX_NODES = 64 * 1024, 20, 5000', 'MAX_BYTES, MAX_DEPTH, MAX_NODES = 64 * 1024, 200, 5000', 'experiments/test_configs.py::test_every_problem_is_named_with_line_key_and_suggestion'),
    Mutant('mlops/release/deployments.py', '_expect(tx, target, version.name, head, expected)\n                deployment = _append(tx, "rollback"', 'deployment = _append(tx, "rollback"', 'release/test_deployments.py::test_a_release_while_a_rollback_is_judged_wins'),
    Mutant('mlops/release/releases.py', 'stack[:-1]:', 'stack:', 'release/test_releases.py::test_the_stack_under_the_live_model_is_what_rollbacks_would_bring_back'),
    Mutant('mlops/release/releases.py', '{FROM_OUTSIDE} ORDER', '{FROM_OUTSIDE} AND 0 ORDER', 'release/test_releases.py::test_a_release_ends_its_own_name_and_what_it_says_it_replaced'),
    Mutant('mlops/base/view.py', 'if instant > (now if simulated else later(now, AHEAD)):', 'if False:', 'base/test_clock.py::test_what_has_not_come_is_not_the_past'),
    Mutant('mlops/release/predictions.py', 'and environment in (None, request["environment"])', '', 'release/test_deployments.py::test_the_preview_counts_requests_whatever_version_answered_them'),
    Mutant('mlops/data/units.py', ' or chance > IMPROBABLE', '', 'data/test_validation.py::test_a_few_large_values_are_no_other_unit'),
    Mutant('mlops/data/units.py', ' and inside >= WITHIN * cluster.rows', '', 'data/test_units.py::test_a_level_explains_a_cluster_only_if_it_holds_it'),
    Mutant('mlops/data/units.py', 'else CLOSE', 'else AGREE', 'data/test_units.py::test_what_grows_or_shrinks_is_no_other_unit'),
    Mutant('mlops/data/validation.py', 'stats.hypergeom.sf(found - 1, rows + knew, found + before, rows)', 'stats.binom.sf(found - 1, rows, before / knew)', 'data/test_validation.py::test_gaps_that_fell_on_one_side_by_lot_are_no_burst'),
    Mutant('mlops/data/validation.py', 'if not both and current.num_rows > known.num_rows:', 'if False:', 'data/test_validation.py::test_rows_that_are_alike_by_nature_are_no_fault'),
    Mutant('mlops/production/calendar_columns.py', ' or after[0] < before[-1]', '', 'production/test_calendar_columns.py::test_it_tells_what'),
    Mutant('mlops/production/distances.py', 'correction=False', 'correction=True', 'production/test_distances.py::test_chi_square_is_pearsons'),
    Mutant('mlops/production/distances.py', 'max(above.max(), below.max(), 0.0)', 'max(above.max(), 0.0)', 'production/test_distances.py::test_kolmogorov_and_smirnovs_statistic_and_p_are_scipys'),
    Mutant('mlops/production/distances.py', '* BINS >= len(known)', '* BINS > 2 * len(known) * BINS', 'production/test_distances.py::test_a_value_that_nearly_all_have_is_a_part_by_itself'),
    Mutant('mlops/production/drift.py', ' and found.psi >= CHANGED', '', 'production/test_drift.py::test_it_takes_size_and_more_than_chance'),
    Mutant('mlops/production/drift.py', 'name not in _drifted(earlier) or ', '', 'production/test_drift.py::test_what_creeps_is_news_when_it_becomes_a_change'),
    Mutant('mlops/production/drift.py', ' or name in _drifted(since)', '', 'production/test_drift.py::test_what_moves_on_is_news_again'),
    Mutant('mlops/production/inputs.py', '        intake.end()\n', '', 'production/test_inputs.py::test_what_a_model_cannot_answer_has_no_score'),
    Mutant('mlops/production/cohorts.py', 'one[1] >= begins and ', '', 'production/test_monitoring.py::test_an_outcome_that_was_known_before_the_month_measures_nothing'),
    Mutant('mlops/production/cohorts.py', '(block.data_version is None, block.batch_id is None, block.at)', 'block.at', 'production/test_monitoring.py::test_of_each_customer_one_answer_counts_the_one_to_kept_data'),
    Mutant('mlops/production/cohorts.py', '[self.month, *(', '[*(', 'production/test_monitoring.py::test_an_outcome_that_was_known_before_the_month_measures_nothing'),
    Mutant('mlops/production/cohorts.py', 'counts.append(not again)', 'counts.append(True)', 'production/test_monitoring.py::test_a_row_that_stands_twice_in_the_file_counts_once_and_is_a_fault_of_the_data'),
    Mutant('mlops/data/outcomes.py', '(one.sha256, min(one.known_until, at))', '(one.sha256, one.known_until)', 'production/test_monitoring.py::test_outcomes_of_one_file_count_one_after_the_other'),
    Mutant('mlops/production/monthly.py', 'get("best") if made.outcomes else None', 'get("best")', 'production/test_monitoring.py::test_the_best_achievable_is_drawn_only_beside_known_outcomes'),
    Mutant('mlops/release/answered.py', ' and environment in (None, one.environment)', '', 'production/test_monitoring.py::test_what_staging_answered_is_no_answer_of_production'),
    Mutant('mlops/production/estimate.py', 'if known.known == known.answers else None', '', 'production/test_estimate.py::test_it_is_scored_when_the_truth_comes'),
    Mutant('mlops/production/alerts.py', 'high = month.outcomes.high if', 'high = month.outcomes.value if', 'production/test_alerts.py::test_quiet_months_are_quiet'),
    Mutant('mlops/production/alerts.py', 'not one.outcomes.few and ', '', 'production/test_alerts.py::test_few_outcomes_raise_nothing'),
    Mutant('mlops/production/alerts.py', '+ SURE * to for to', '+ to for to', 'production/test_alerts.py::test_a_fall_beyond_luck_is_a_change_of_its_own_month'),
    Mutant('mlops/production/alerts.py', 'if lines[there:]:', 'if not there:', 'production/test_alerts.py::test_an_alert_is_acknowledged_with_a_reason_and_resolves_by_itself'),
    Mutant('mlops/release/replays.py', 'equal=recomputed == request["answer"]', 'equal=True', 'release/test_replay.py::test_a_last_digit_is_enough_to_differ'),
    Mutant('mlops/release/replays.py', 'load(ref_of(request["model"]))', 'load(request["model"]["name"])', 'release/test_replay.py::test_the_version_that_answered_then_answers_again_whatever_became_of_it'),
    Mutant('mlops/release/replays.py', 'for at in both[:SHOWN]', 'for at in both[-SHOWN:]', 'release/test_replay.py::test_all_are_counted_and_the_newest_named'),
    Mutant('mlops/release/replays.py', 'and at not in after.beyond', '', 'release/test_predictions.py::test_a_rollback_compares_the_requests_that_both_models_can_answer'),
    Mutant('mlops/release/replays.py', 'if one != other', 'if one and not other', 'release/test_replay.py::test_a_what_if_is_what_asking_both_versions_row_by_row_tells'),
    Mutant('mlops/release/predictions.py', 'if len(alike) > 1 or', 'if alike or', 'release/test_replay.py::test_the_beginning_of_an_id_is_enough_if_it_is_the_only_one'),
    Mutant('mlops/release/releases.py', 'and one.model != live:', ':', 'release/test_releases.py::test_each_version_that_was_live_may_come_back_with_when_it_was_live_last'),
    Mutant('playground/repairs.py', 'if old != new:', 'if not new <= old:', 'playground/test_repairs.py::test_what_only_looks_like_a_repair_is_told_apart'),
    Mutant('playground/repairs.py', 'if others := sorted', 'if False and sorted', 'playground/test_repairs.py::test_what_only_looks_like_a_repair_is_told_apart'),
    Mutant('playground/staircase.py', 'if place >= self.window and taken:', 'if len(taken) >= self.window:', 'playground/test_staircase.py::test_a_month_with_a_fault_is_left_out_until_it_is_repaired_and_no_older_one_is_taken_for_it'),
    Mutant('playground/staircase.py', 'self.known <= day', 'self.came <= day', 'playground/test_staircase.py::test_a_month_is_known_when_the_month_after_it_is_over_and_not_a_second_before'),
    Mutant('playground/race.py', 'if flag < month and', 'if flag <= month and', 'playground/test_race.py::test_the_last_model_that_was_trained_before_a_month_decides_about_it'),
    Mutant('playground/race.py', 'sum(self.costs(())) - sum', 'sum(self.costs(())) + sum', 'playground/test_race.py::test_saved_is_what_never_retraining_costs_more'),
    Mutant('playground/dots.py', 'if ends[end] == at', 'if ends[0] == at', 'playground/test_dots.py::test_every_dot_stands_where_a_recount_by_hand_puts_it'),
    Mutant('playground/lie/hiding.py', 'for row in rows[:1] if one else rows:', 'for row in rows[:1]:', 'playground/test_lie.py::test_once_recomputed_the_copy_proves_itself'),
    Mutant('playground/lie/hiding.py', '        if not one or len(rows) == 1:\n            _derive_again(ledger)\n', '', 'playground/test_lie.py::test_once_recomputed_the_copy_proves_itself'),
    Mutant('playground/lie/hiding.py', 'if not one or len(rows) == 1:', 'if not one:', 'playground/test_lie.py::test_one_hash_that_is_recomputed_breaks_the_next'),
    Mutant('playground/lie/hiding.py', '        for _, sql in guards:\n            ledger.execute(sql)\n', '', 'playground/test_lie.py::test_the_guards_stand_again_afterwards'),
    Mutant('playground/lie/copied.py', 'return self.event is not None and not self.copied', 'return self.event is not None', 'playground/test_lie.py::test_a_hash_tells_of_lies_before_it_and_of_no_other'),
    Mutant('playground/lie/copied.py', 'digest(_row({**event, "prev_sha256": previous}))', 'digest(_row(event))', 'playground/test_lie.py::test_from_the_lie_on_no_hash_fits'),
    Mutant('playground/course/verdict.py', 'if ws.event is None else unknown', 'if True else unknown', 'playground/course/test_configs_lab.py::test_progress_can_be_checked_again_although_files_have_no_past'),
    Mutant('playground/course/checks/drifted.py', '.get("now") == base[key] and place not in', '.get("now") != base[key] and place not in', 'playground/course/test_configs_lab.py::test_a_repeated_key_is_named_with_the_place_where_nobody_would_hear_of_it'),
    Mutant('playground/course/checks/drifted.py', 'then = ws.at(event=baseline.event)', 'then = ws.at(event=ws.head())', 'playground/course/test_configs_lab.py::test_how_many_an_overlay_says_is_counted_and_stays_what_it_was'),
    Mutant('playground/ui/release/worlds.py', '    if stops.veiled("worlds"):\n        return\n', '', 'playground/test_lab_screens.py::test_how_many_differ_stays_covered_until_the_guess'),
    Mutant('playground/ui/release/worlds.py', 'one["state"] == "edited" and one["intended"] and place not in', 'one["state"] == "by_hand" and place not in', 'playground/test_lab_screens.py::test_the_lab_about_configs_is_solved_with_what_the_screen_offers'),
    Mutant('playground/ui/release/audit.py', 'if forged.is_on():', 'if True:', 'playground/test_lab_screens.py::test_outside_of_its_lab_the_audit_log_shows_no_copy'),
    Mutant('playground/doors.py', 'if request["row"] == row:', 'if request["row"]:', 'playground/test_doors.py::test_answers_are_found_by_the_row_that_was_asked_about'),
    Mutant('playground/doors.py', 'digits = "" if covered else repr(answer.number)', 'digits = repr(answer.number)', 'playground/test_doors.py::test_what_is_to_be_guessed_does_not_leave_the_server'),
    Mutant('playground/doors.py', 'one.batch_id in blocks][:NEWEST_FILES]', 'one.batch_id in blocks][::-1]', 'playground/test_doors.py::test_of_files_answered_in_one_moment_the_last_comes_first'),
    Mutant('playground/course/checks/machine.py', 'if len(one.moved) == 1 and one.equal', 'if one.moved and one.equal', 'playground/course/test_works_on_my_machine.py::test_a_package_is_found_where_it_alone_brings_back_what_is_lost_without_it'),
    Mutant('playground/course/checks/promoted.py', 'ws.releases.all_live("production") if one.model["name"] == model), None)', 'reversed(ws.releases.all_live("production"))), None)', 'playground/course/test_works_on_my_machine.py::test_another_name_that_went_live_beside_it_takes_no_bad_answer_away'),
    Mutant('playground/repairs.py', '(new == old.reindex(new.index)) & ', '', 'playground/test_repairs.py::test_rows_with_a_fault_are_found_under_whatever_name_they_are_kept'),
    Mutant('playground/repairs.py', 'if name not in held.column_names:', 'if False:', 'playground/test_repairs.py::test_rows_that_have_no_name_any_more_hold_a_fault_where_it_is_seen_in_them'),
    Mutant('playground/rebuilt.py', 'if not files:', 'if False:', 'playground/test_rebuilt.py::test_a_package_of_which_nobody_knows_the_files_is_not_built'),
    Mutant('playground/notebook/board.py', 'if self.lies:', 'if self.id == "api":', 'playground/test_left_behind.py::test_where_nothing_breaks_the_line_that_lies_is_asked_for_whatever_the_listing'),
    Mutant('playground/quiz/record.py', 'told["answers"].items() if name in there]', 'told["answers"].items()]', 'playground/classroom/test_leaving.py::test_the_quiz_leaves_with_the_learner_and_is_checked_again'),
    Mutant('playground/course/checks/machine.py', 'and without and without.differ:', 'and without:', 'playground/course/test_works_on_my_machine.py::test_a_package_is_found_where_it_alone_brings_back_what_is_lost_without_it'),
    Mutant('playground/parity.py', '(then if then != here[name] else now)', 'now', 'playground/course/test_works_on_my_machine.py::test_the_two_records_differ_in_five_places_of_which_three_can_matter'),
    Mutant('playground/rebuilt.py', 'if text.count(build.before) != 1:', 'if text.count(build.before) > 1:', 'playground/test_rebuilt.py::test_a_line_that_is_not_there_is_not_patched'),
    Mutant('playground/notebook/tidy.py', 'if len({*one["values"]}) > 1', 'if len(one["values"]) > 2', 'playground/test_tidy.py::test_what_the_file_says_is_what_comes_out_the_first_time_and_not_the_second'),
    Mutant('playground/ui/kit/panel.py', 'if stop.is_lab or fresh(stop):', 'if fresh(stop):', 'playground/test_labs.py::test_the_panel_of_a_lab_keeps_its_story_and_has_no_stones'),
    Mutant('playground/ui/kit/panel.py', 'if not stop.is_lab:', 'if True:', 'playground/test_labs.py::test_the_panel_of_a_lab_keeps_its_story_and_has_no_stones'),
    Mutant('playground/course/stops.py', 'return self.called[0].upper() + self.called[1:]', 'return self.called.capitalize()', 'playground/test_labs.py::test_a_lab_is_called_by_its_title'),
    Mutant('playground/course/budget.py', '(len(mission.acts) or len(mission.solution))', 'len(mission.acts)', 'playground/test_labs.py::test_the_budget_of_a_lab_counts_its_steps_and_the_search'),
    Mutant('playground/course/checks/gate.py', 'if worse := worse_in(said):', 'if worse := {}:', 'playground/course/test_gate_lab.py::test_what_the_islands_pay_for_is_no_fair_release'),
    Mutant('playground/course/checks/doors.py', 'if one.is_that_of(form)', 'if one', 'playground/course/test_missions.py::test_a_door_that_was_asked_of_another_version_is_told_apart'),
    Mutant('playground/course/checks/doors.py', 'len(missing) == report.rejected and report.input_rows == len(rows)', 'report.rows + report.rejected == report.input_rows', 'playground/course/test_missions.py::test_rows_that_were_thrown_away_in_silence_are_named'),
    Mutant('playground/snippets.py', 'shlex.quote(_json(row))', '_json(row)', 'playground/test_snippets.py::test_a_snippet_runs_as_it_stands'),
    Mutant('playground/servers.py', 'if longest.idle < SPARE:', 'if False:', 'playground/test_rest.py::test_where_no_room_is_left_the_one_that_was_idle_longest_gives_way'),
    Mutant('playground/rejection.py', '[] if in_the_way(model) else model.live_in', 'model.live_in', 'playground/test_going_back.py::test_what_is_live_in_production_is_not_rejected'),
    Mutant('playground/ui/release/rollback.py', 'to=version, expected', 'expected', 'playground/test_going_back.py::test_after_a_rollback_the_dots_rest_and_the_next_steps_are_said'),
    Mutant('playground/ui/release/rollback.py', 'first = state.read_requests(', 'first = state.read(', 'playground/test_going_back.py::test_a_request_that_comes_while_one_looks_is_counted'),
    Mutant('playground/notebook_lab.py', '(events[-1]["seq"], events[-1]["sha256"]) != (signed["event"], signed["sha256"])', 'events[-1]["seq"] != signed["event"]', 'playground/test_notebook_lab.py::test_a_signature_under_other_events_proves_nothing'),
    Mutant('playground/notebook_lab.py', 'if one["seq"] <= signed["event"]]', ']', 'playground/test_notebook_lab.py::test_who_signs_before_the_end_hears_what_is_missing'),
    Mutant('playground/ui/guide/notebook.py', 'None if location.room() else state.own().path', 'state.own().path', 'playground/test_notebook_lab.py::test_in_a_class_no_folder_of_the_server_is_handed_out'),
    Mutant('playground/notebook/told.py', 'if said.get(name) in good]', 'if name in said]', 'playground/test_listings.py::test_what_is_told_is_kept_and_can_be_told_anew'),
    Mutant('playground/notebook/told.py', 'or said not in answers(part, name):', 'or False:', 'playground/test_listings.py::test_what_nobody_asked_is_refused_and_nothing_is_noted'),
    Mutant('playground/notebook/listings.py', 'if line != mend.line:', 'if False:', 'playground/test_listings.py::test_a_listing_that_breaks_elsewhere_is_no_listing'),
    Mutant('playground/notebook/listings.py', 'if whole is not None:', 'if False:', 'playground/test_listings.py::test_a_listing_that_breaks_elsewhere_is_no_listing'),
    Mutant('playground/notebook/board.py', 'lit = found[1] in placed', 'lit = True', 'playground/test_left_behind.py::test_the_config_grows_with_the_cells_that_are_in_place'),
    Mutant('playground/ui/train/left_behind.py', 'if stops.veiled("printed"):', 'if False:', 'playground/test_left_behind.py::test_printed_code_stays_covered_until_somebody_guessed'),
    Mutant('playground/ui/guide/project.py', 'return state.workspace() if _is_of_the_chapter() else state.own()', 'return state.own()', 'playground/test_left_behind.py::test_the_project_of_the_lab_is_written_beside_its_chapter'),
    Mutant('playground/ui/guide/project.py', 'return state.read(what) if _is_of_the_chapter() else state.read_own(what)', 'return state.read_own(what)', 'playground/test_left_behind.py::test_the_project_of_the_lab_is_that_of_its_chapter'),
    Mutant('playground/notebook/prepared.py', 'if kept["key"] == key() else None', '', 'playground/test_notebook.py::test_another_notebook_has_nothing_prepared'),
    Mutant('mlops/release/registry.py', 'if latest and (latest["target"], latest["task"]) != (signature.target, signature.task):', 'if False:', 'release/test_registry.py::test_a_name_stands_for_one_question'),
    Mutant('mlops/data/levels.py', '(level in spelled or _series(level) not in series)', 'True', 'data/test_levels.py::test_what_is_new_is_no_recoding'),
    Mutant('mlops/models/signature.py', 'if raw.null_count and not feature["nullable"]:', 'if False:', 'models/test_signature.py::test_row_file_gate_and_reevaluation_give_the_same_verdict'),
    Mutant('mlops/experiments/evidence.py', '    held.end()', '    pass', 'models/test_signature.py::test_row_file_gate_and_reevaluation_give_the_same_verdict'),
    Mutant('mlops/models/signature.py', 'if recoded := self._recoded():', 'if recoded := []:', 'data/test_levels.py::test_a_file_with_a_recoded_level_is_refused_whole_by_both_doors'),
    Mutant('mlops/training/preparation.py', 'Signature.learned(content, version, features, parts["train"])', 'Signature.learned(content, version, features)', 'models/test_signature.py::test_only_levels_of_the_train_rows_are_known'),
    Mutant('mlops/models/scoring.py', 'if mark and mark in marks:', 'if marks:', 'models/test_scoring.py::test_a_file_that_was_changed_after_the_first_answer_is_noticed'),
    Mutant('mlops/models/scoring.py', '_kept.pop(sha256, (None, set(), 0))', '(None, set(), 0)', 'models/test_scoring.py::test_a_model_that_was_asked_once_is_neither_read_nor_loaded_again'),
    Mutant('mlops/models/scoring.py', 'held[[*beyond]] = False', 'pass', 'models/test_estimators.py::test_a_number_of_any_size_gets_a_finite_answer_or_is_refused_by_name'),
    Mutant('mlops/data/quality/entities.py', 'numeric=numeric) < share / 2', 'numeric=numeric) < 2', 'data/test_quality.py::test_it_stays_silent'),
    Mutant('mlops/data/quality/evidence.py', 'self.is_silent(self.labelled) | self.is_code(', 'self.is_code(', 'data/test_quality.py::test_it_stays_silent'),
    Mutant('mlops/release/releases.py', '''but=f"AND {STATUS} = 'live'")''', 'but="")', 'release/test_deployments.py::test_a_model_that_answers_otherwise_than_when_it_was_trained_fails_and_is_never_live'),
    Mutant('mlops/base/artifacts.py', 'if path not in self._kept or self._kept[path][0] != sha256:', 'if path not in self._kept:', 'base/test_artifacts.py::test_what_was_checked_is_what_is_used'),
    Mutant('mlops/base/ledger.py', '        elif connection.in_transaction:\n            connection.execute("ROLLBACK")\n', '', 'base/test_ledger.py::test_a_session_has_one_connection_and_short_looks'),
    Mutant('mlops/base/formats.py', 'INDEXES.split(";")', '""', 'test_old_workspace.py::test_a_workspace_gets_the_indexes_that_it_lacks_without_an_event'),
    Mutant('mlops/release/registry.py', 'if chosen in taken:', 'if False:', 'release/test_registry.py::test_a_version_is_never_reused'),
    Mutant('mlops/release/registry.py', 'artifacts.path(file).exists() and not view.today.is_named(file)', 'False', 'release/test_registry.py::test_a_file_without_lineage_is_never_deployed'),
    Mutant('mlops/release/registry.py', 'not view.today.is_named(file)', 'not view.is_named(file)', 'release/test_registry.py::test_in_the_past_the_file_of_a_later_version_is_no_file_without_lineage'),
    Mutant('mlops/release/worlds.py', 'plain(configs.labelled_as(then, self.running))', 'plain(then)', 'release/test_worlds.py::test_a_threshold_that_only_the_overlay_says_is_one_key_and_meant'),
    Mutant('mlops/release/worlds.py', 'self.now = configs.labelled_as(now, self.running)', 'self.now = now', 'release/test_worlds.py::test_a_threshold_that_only_the_overlay_says_is_one_key_and_meant'),
    Mutant('mlops/release/registry.py', 'dict.fromkeys(CARD, "") | dict(version.card or {}) | said', 'dict.fromkeys(CARD, "") | said', 'release/test_registry.py::test_a_card_is_completed_later_and_the_file_beside_the_model_stays'),
    Mutant('mlops/base/environments.py', 'ALIASES.get(word) or next(', 'next(', 'release/test_registry.py::test_champion_and_challenger_are_what_is_live_in_production_and_staging'),
    Mutant('mlops/release/predictions.py', 'place = place_of(ref.partition("@")[2])', 'place = ref.partition("@")[2]', 'release/test_registry.py::test_who_asks_the_champion_asks_production'),
    Mutant('mlops/release/deployments.py', 'config = self._config(ledger, version, target)', 'config = {}', 'release/test_worlds.py::test_a_rollback_keeps_it_as_well'),
    Mutant('mlops/release/worlds.py', 'if self._ledger.event is not None:', 'if False:', 'release/test_worlds.py::test_the_past_knows_what_ran_and_not_what_files_said'),
    Mutant('mlops/release/worlds.py', 'if self.then is not None and self.then.get(key) != now:', 'if False:', 'release/test_worlds.py::test_what_was_set_by_hand_and_edited_since_is_put_back_to_what_the_file_said'),
    Mutant('mlops/release/worlds.py', 'if one["state"] != "edited":', 'if one["state"] == "as_written":', 'release/test_worlds.py::test_a_key_set_by_hand_in_training_is_not_meant'),
    Mutant('mlops/release/registry.py', 'if found.status != "rejected"]', ']', 'release/test_worlds.py::test_an_edit_that_a_registered_version_was_trained_with_is_on_its_way'),
    Mutant('mlops/release/worlds.py', 'base: config_files.with_value(old[base], key, now.before(key)),', 'base: old[base],', 'release/test_worlds.py::test_what_is_meant_moves_from_the_common_file_into_the_overlay'),
    Mutant('mlops/release/worlds.py', 'return asked.identity, _Standing(run, {}, *_rendered(self._artifacts.root, run, environment))', 'return asked.identity, self._standing(view, _live_or_rehearsed(view, environment, model), environment)', 'release/test_worlds.py::test_for_what_is_to_go_live_the_file_says_what_that_was_trained_with'),
    Mutant('playground/audit.py', 'and (not until or one.at[: len(until)] <= until)', 'and (not until or one.at <= until)', 'playground/test_audit.py::test_filters_leave_what_was_asked_for_newest_first'),
    Mutant('playground/audit.py', 'self._seen = event["seq"]', 'pass', 'playground/test_audit.py::test_whoever_looks_again_reads_only_what_came_since'),
    Mutant('playground/ui/release/worlds.py', 'found = state.read(_read, name, _written(name))', 'found = state.read(_read, name, None)', 'playground/test_worlds_screen.py::test_an_edit_is_seen_although_nothing_happened_in_the_workspace'),
    Mutant('playground/ui/release/worlds.py', 'return not (shared and location.room())', 'return True', 'playground/test_worlds_screen.py::test_the_file_that_a_class_shares_is_not_written_from_a_seat'),
    Mutant('mlops/experiments/config_files.py', 'path.relative_to(home).as_posix() if path.is_relative_to(home) else str(config.file.absolute())', 'str(config.file.absolute())', 'release/test_worlds.py::test_a_copy_has_config_files_of_its_own'),
    Mutant('mlops/folder.py', '        config_files.copy(artifacts.root, folder)\n', '', 'release/test_worlds.py::test_a_copy_has_config_files_of_its_own'),
    Mutant('mlops/release/gate.py', 'if difference.lower > bar:', 'if difference.difference > bar:', 'release/test_gate.py::test_luck_passes_five_times_in_a_hundred'),
    Mutant('mlops/experiments/slices.py', 'tail = ALPHA / (len(compared) - len(worse))', 'tail = ALPHA', 'experiments/test_slices.py::test_luck_names_a_group_five_times_in_a_hundred_however_many_there_are'),
    Mutant('mlops/experiments/slices.py', 'is None], _Group.upper)', 'is None], lambda one, tail: one.told(tail, False).difference)', 'experiments/test_slices.py::test_luck_names_a_group_five_times_in_a_hundred_however_many_there_are'),
    Mutant('mlops/experiments/slices.py', 'if self.rows < MIN_ROWS:', 'if False:', 'experiments/test_slices.py::test_a_small_group_is_told_and_not_compared'),
    Mutant('mlops/experiments/evidence.py', 'if new >= MIN_ROWS else []', 'if new else []', 'release/test_lamps.py::test_a_version_without_enough_new_rows_is_not_offered'),
    Mutant('mlops/models/differences.py', '(np.arange(DRAWS) + 0.5) * len(drawn) / DRAWS', 'np.arange(DRAWS)', 'models/test_differences.py::test_a_hundred_draws_say_what_all_say'),
    Mutant('mlops/release/findings.py', '(live_since(view, environment, candidate.name), rows', '(0, rows', 'release/test_findings.py::test_a_release_begins_the_count_anew'),
    Mutant('mlops/release/findings.py', "AND seq > ? AND json_extract(record, '$.rows_sha256') = ?", "AND seq > ? AND ? IS NOT NULL", 'release/test_findings.py::test_versions_that_are_judged_on_the_same_rows_are_counted'),
    Mutant('mlops/release/lamps.py', 'for one in asked if one["outcome"] != "pass"]', 'for one in asked]', 'release/test_lamps.py::test_six_lamps_in_the_order_in_which_they_are_asked'),
    Mutant('mlops/release/health.py', 'if pair[0] != pair[1]]:', 'if abs(pair[0] - pair[1]) > 0.5]:', 'release/test_deployments.py::test_a_model_that_answers_otherwise_than_when_it_was_trained_fails_and_is_never_live'),
    Mutant('mlops/release/gate_rules.py', 'min(margin, rule.margin)', 'margin', 'release/test_gate_rules.py::test_a_candidate_does_not_set_its_own_bar'),
    Mutant('mlops/experiments/configs.py', 'if not key.startswith("gate.")', 'if True', 'release/test_gate_rules.py::test_two_runs_that_differ_in_what_they_ask_are_one_config'),
    Mutant('mlops/experiments/new_rows.py', 'rows.take(~known & ~copied)', 'rows.take(~known)', 'experiments/test_new_rows.py::test_copies_of_learned_rows_are_not_new'),
    Mutant('mlops/experiments/new_rows.py', 'if rows.names != closed.names:', 'if False:', 'experiments/test_new_rows.py::test_where_names_of_rows_cannot_be_compared_nobody_says_they_are_new'),
    # What came from what
    Mutant('mlops/release/lineage.py', 'and not (found.from_ == node.id and self._came_after(node, other))', '', 'release/test_lineage.py::test_a_later_version_of_other_content_was_not_touched'),
    Mutant('mlops/release/lineage.py', 'if not (record.get("queued_at") and record["software"]):', 'if True:', 'release/test_lineage.py::test_the_code_of_a_queued_run_is_that_of_who_began_it'),
    Mutant('mlops/release/lineage.py', 'sorted({record["parent"], *same[-1:]} - {None})', 'sorted({record["parent"]} - {None})', 'release/test_lineage.py::test_a_later_version_of_other_content_was_not_touched'),
    Mutant('mlops/release/lineage.py', "= 'live' AND seq <= ?", "= 'live' AND seq >= ?", 'release/test_lineage.py::test_each_edge_is_one_of_the_ledger_and_none_is_missing'),

    # Nothing is acknowledged before it is on the disk, and an interval is what it is called
    Mutant('mlops/base/artifacts.py', 'self._file.flush()\n                os.fsync(self._file.fileno())', 'self._file.flush()', 'base/test_durability.py::test_a_file_is_synced_before_it_has_its_name'),
    Mutant('mlops/base/artifacts.py', '        for folder in folders:\n            with disk_errors(folder):\n                sync_folder(folder)', '        pass', 'base/test_durability.py::test_a_name_is_synced_in_its_folder_and_the_folders_above_it'),
    Mutant('mlops/release/request_log.py', 'os.fsync(file.fileno())', 'pass', 'base/test_durability.py::test_a_request_is_synced_soon_after_its_answer_though_nobody_asks_for_it'),
    Mutant('mlops/release/request_log.py', 'written += self._file.write(data[written:])', 'written = len(data)', 'base/test_durability.py::test_a_request_is_written_before_its_answer_and_synced_together_with_others'),
    Mutant('mlops/base/leftovers.py', 'getattr(os, "fdatasync", os.fsync)(file.fileno())', 'pass', 'base/test_durability.py::test_names_are_listed_and_synced_before_any_is_given'),
    Mutant('mlops/base/leftovers.py', '        if not is_named(path):\n', '        if True:\n', 'base/test_verify.py::test_a_list_that_names_what_an_event_names_takes_nothing'),
    Mutant('mlops/base/leftovers.py', 'if lock := locks.take(folder / LOCK):', 'if lock := open(folder / LOCK, "ab"):', 'base/test_verify.py::test_a_stage_whose_process_lives_is_left_alone'),
    Mutant('mlops/base/ledger.py', 'else "BEGIN EXCLUSIVE"', 'else "BEGIN IMMEDIATE"', 'test_busy.py::test_a_training_waits_for_whoever_holds_the_ledger'),
    Mutant('mlops/base/ledger.py', '                        publication.withdraw()\n', '', 'test_busy.py::test_a_writer_that_finds_a_reader_at_its_end_leaves_nothing'),
    Mutant('mlops/base/verify.py', '_schema_problems, _integrity_problems)', '_schema_problems)', 'base/test_verify.py::test_an_index_that_says_something_else_than_its_table_is_named'),
    Mutant('mlops/base/cache.py', 'os.utime(file)', 'file.stat()', 'training/test_pipeline.py::test_the_cache_keeps_to_its_limit_and_what_was_used_last_stays'),
    Mutant('mlops/models/intervals.py', 'tail: float = 0.025) -> list[float] | None:', 'tail: float = 0.05) -> list[float] | None:', 'models/test_intervals.py::test_the_fast_delong_is_the_slow_one'),
    Mutant('mlops/models/differences.py', 'low, high = of_difference(baseline, challenger, 0.025)', 'low, high = of_difference(baseline, challenger, 0.05)', 'models/test_intervals.py::test_with_many_rows_the_ends_are_those_of_delong'),
    # Doors and screens
    Mutant('mlops/cli/frame.py', 'return 0 if good else 1', 'return 0', 'data/test_validation.py::test_the_command_prints_its_document_and_exits_by_the_verdict'),
    Mutant('mlops/base/strict_json.py', 'if len(found) < len(pairs):', 'if False:', 'base/test_strict_json.py::test_what_is_no_json_is_refused_with_the_reason'),
    Mutant('mlops/base/strict_json.py', ' and _depth(value) > MAX_DEPTH', '', 'base/test_strict_json.py::test_brackets_that_nest_to_the_limit_and_many_beside_each_other_are_read'),
    Mutant('mlops/export/repository.py', 'if not name.startswith("GIT_")', 'if name', 'export/test_project.py::test_nothing_of_this_machine_takes_part_in_the_history'),
    Mutant('mlops/export/repository.py', 'str(folder / ".git"))', 'os.environ["HOME"])', 'export/test_project.py::test_nothing_of_this_machine_takes_part_in_the_history'),
    Mutant('mlops/export/repository.py', 'max(int(datetime_of(step.at).timestamp()), 0)', 'int(datetime_of(step.at).timestamp())', 'export/test_project.py::test_a_story_before_1970_has_a_history_too'),
    Mutant('mlops/export/project.py', '    outputs.refuse_kept(target)\n', '', 'export/test_project.py::test_a_workspaces_own_folders_are_no_place_for_it'),
    Mutant('mlops/export/project.py', '            shutil.rmtree(beside, ignore_errors=True)', '            pass', 'export/test_project.py::test_a_disk_that_is_full_leaves_nothing'),
    Mutant('mlops/export/project.py', 'if target == Path.cwd():', 'if False:', 'export/test_project.py::test_the_folder_one_stands_in_is_refused'),
    Mutant('mlops/export/project.py', 'if target.is_dir() and not any(target.iterdir()):', 'if target.is_dir():', 'export/test_project.py::test_a_folder_that_holds_something_is_refused_and_stays'),
    Mutant('mlops/export/contents.py', 'ENVIRONMENTS if self.ws.event is None else ():', 'ENVIRONMENTS:', 'export/test_project.py::test_an_overlay_says_what_differs_there'),
    Mutant('mlops/export/contents.py', 'known.get(name) or metadata.version(name)', '"0" + metadata.version(name)', 'export/test_project.py::test_requirements_are_few_and_those_of_the_run'),
    Mutant('mlops/export/card.py', 'printable(str(value), 2000)).strip()', 'str(value)).strip()', 'export/test_project.py::test_hostile_text_is_shown_and_never_obeyed'),
    Mutant('mlops/export/template/src/features.py', '"median"', '"mean"', 'export/test_project.py::test_its_models_are_those_that_a_run_builds'),
    Mutant('mlops/export/template/src/train.py', 'UNSEEDED = ("k_neighbors", "dummy")', 'UNSEEDED = ("k_neighbors", "dummy", "ridge")', 'export/test_project.py::test_its_models_are_those_that_a_run_builds'),
    Mutant('mlops/export/template/src/config.py', 'section == "thresholds" or ', '', 'export/test_project.py::test_an_overlay_says_what_differs_there'),
    Mutant('mlops/serving/live.py', '        health.check(loaded)\n', '', 'serving/test_live.py::test_a_version_that_answers_otherwise_than_it_did_never_replaces_a_good_one'),
    Mutant('mlops/serving/live.py', '                return f"{ref_of(found.model)} is live', '                self.current = None\n                return f"{ref_of(found.model)} is live', 'serving/test_live.py::test_a_damaged_version_never_replaces_a_good_one_and_is_tried_again'),
    Mutant('mlops/serving/live.py', 'self.model in (None, one.model["name"])', 'one.model["name"]', 'serving/test_live.py::test_of_several_names_one_must_be_said'),
    Mutant('mlops/serving/live.py', 'self.model, self.current = coming.loaded.version.name, coming', 'self.current = coming', 'serving/test_live.py::test_nothing_live_is_no_error_and_the_first_deployment_gives_the_name'),
    Mutant('mlops/serving/live.py', '            self._again = 0.0  # to ask costs nothing\n', '            self._again = time.monotonic() + 1000\n', 'serving/test_live.py::test_while_the_ledger_cannot_be_read_what_answers_goes_on'),
    Mutant('mlops/serving/live.py', '(self.trouble is None or waits)', 'True', 'serving/test_live.py::test_a_damaged_version_never_replaces_a_good_one_and_is_tried_again'),
    Mutant('mlops/serving/pool.py', 'len(self._waiting) >= self._most or', 'len(self._waiting) > self._most or', 'serving/test_pool.py::test_what_does_not_fit_is_refused_at_once_and_the_queue_is_counted'),
    Mutant('mlops/serving/pool.py', ' and rows + len(self._waiting[0][0]) <= ROWS', '', 'serving/test_pool.py::test_a_pass_has_a_size'),
    Mutant('mlops/serving/pool.py', 'isinstance(error, MlopsError) or len(asked) == 1', 'len(asked) == 1', 'serving/test_pool.py::test_a_disk_that_fails_fails_for_all_that_were_asked_and_nothing_is_tried_twice'),
    Mutant('mlops/serving/server.py', 'socket.socket(family, kind, protocol)', 'socket.socket(family, kind)', 'serving/test_server.py::test_small_answers_are_sent_at_once'),
    Mutant('mlops/serving/server.py', 'if self.should_exit and message', 'if self.force_exit and message', 'serving/test_server.py::test_a_connection_without_a_request_gets_a_last_answer_and_does_not_hold_the_end_up'),
    Mutant('mlops/serving/server.py', 'until = time.monotonic() + LAST_CALL', 'until = time.monotonic()', 'serving/test_server.py::test_a_connection_without_a_request_gets_a_last_answer_and_does_not_hold_the_end_up'),
    Mutant('mlops/serving/hosts.py', '(found is not None and found.is_loopback)', '(found is not None and not found.is_multicast)', 'serving/test_hosts.py::test_only_this_machine_reaches_a_loopback_address'),
    Mutant('mlops/serving/live.py', 'if not (waits and tried == self._tried):', 'if True:', 'serving/test_live.py::test_a_damaged_version_never_replaces_a_good_one_and_is_tried_again'),
    Mutant('mlops/serving/bodies.py', '!= "application/json" or str(charset)', '!= "application/json" and str(charset)', 'serving/test_app.py::test_a_body_is_plain_json_in_utf_8_and_says_so'),
    Mutant('mlops/serving/bodies.py', 'types[0] if len(types) == 1 else ""', 'types[0] if types else ""', 'serving/test_app.py::test_a_type_that_is_said_twice_is_refused'),
    Mutant('mlops/serving/bodies.py', '            if len(body) > MAX_BODY:\n                break\n', '', 'serving/test_app.py::test_a_body_in_parts_that_does_not_end_is_refused_and_its_sender_hears_why'),
    Mutant('mlops/serving/bodies.py', 'if int(request.headers.get("content-length", 0)) <= MAX_BODY:', 'if True:', 'serving/test_app.py::test_who_asks_before_sending_is_told_before_sending'),
    Mutant('mlops/serving/bodies.py', '        async with asyncio.timeout(PATIENCE):', '        async with asyncio.timeout(None):', 'serving/test_app.py::test_a_body_that_does_not_come_is_not_waited_for'),
    Mutant('mlops/serving/bodies.py', '    if len(value) > MAX_ROWS:', '    if len(value) > 2 * MAX_ROWS:', 'serving/test_app.py::test_a_body_that_is_no_row_is_refused_with_the_reason_and_nothing_is_logged'),
    Mutant('mlops/serving/bodies.py', 'value.get("params") not in (None, {})', 'False', 'serving/test_app.py::test_a_body_of_mlflow_that_does_not_say_what_it_is_is_refused'),
    Mutant('mlops/serving/bodies.py', 'len(values) != len(names)', 'not names', 'serving/test_app.py::test_a_body_of_mlflow_that_does_not_say_what_it_is_is_refused'),
    Mutant('mlops/serving/door.py', '    if scheme.lower() == "bearer":', '    if scheme.lower() != "basic":', 'serving/test_app.py::test_who_does_not_bring_the_token_gets_nothing'),
    Mutant('mlops/serving/door.py', 'scope["path"] in OPEN or', 'scope["path"].startswith("/") or', 'serving/test_app.py::test_who_does_not_bring_the_token_gets_nothing'),
    Mutant('mlops/serving/door.py', '            await self._failed(scope, receive, sending)', '            raise', 'serving/test_app.py::test_a_fault_that_is_not_the_callers_is_said_as_ours_and_logged'),
    Mutant('mlops/serving/door.py', '{**scope, "method": "GET"} if scope["method"] == "HEAD" else scope', 'scope', 'serving/test_app.py::test_probes_hear_that_it_runs_and_whether_it_answers'),
    Mutant('mlops/serving/app.py', '    app.add_exception_handler(kind, tell)', '    app.add_exception_handler(kind, tell) if kind is not ClientDisconnect else None', 'serving/test_app.py::test_whoever_hangs_up_while_sending_leaves_no_trace'),
    Mutant('mlops/serving/app.py', '        if deployment not in kept:', '        if not kept:', 'serving/test_schema.py::test_a_swap_changes_the_documents'),
    Mutant('mlops/models/estimators.py', '        (_end(mean, scale, -most), _end(mean, scale, most))', '        (-most, most)', 'serving/test_schema.py::test_the_largest_number_that_is_said_is_the_largest_that_is_answered'),
    Mutant('mlops/serving/hosts.py', 'if len(hosts) == 1 else None', 'if hosts else None', 'serving/test_hosts.py::test_a_host_that_is_named_twice_is_refused'),
    Mutant('sample_data/generate.py', 'names = (*MONTHS, "correction")', 'names = ("correction", *MONTHS)', 'test_sample_data.py::test_regenerating_gives_the_shipped_bytes'),
    Mutant('mlops/data/described.py', 'for said in (given, *versions):', 'for said in (given, *reversed([*versions])):', 'data/test_described.py::test_the_next_version_is_described_as_the_newest_one_that_describes_a_column'),
    Mutant('mlops/data/described.py', 'if field not in LIMITS:', 'if False:', 'data/test_described.py::test_what_is_wrong_is_named_with_line_column_and_suggestion'),
    Mutant('mlops/data/datasets.py', 'said = described.of_next(given, [now.get("described")], names)', 'said = described.of_next(given, [], names)', 'data/test_described.py::test_a_description_can_be_taken_away'),
    Mutant('mlops/data/datasets.py', '"described": {}, "message": why', '"message": why', 'data/test_described.py::test_made_newest_again_a_version_is_described_as_the_newest'),
    Mutant('mlops/data/changes.py', 'key=lambda one: -len(one.ids)', 'key=lambda one: len(one.ids)', 'data/test_changes.py::test_what_changed_is_told_in_words'),
    Mutant('mlops/data/changes.py', 'if self.cells_changed and len(parts) == 1:', 'if self.cells_changed:', 'data/test_changes.py::test_what_changed_is_told_in_words'),
    Mutant('mlops/data/recognised.py', 'key=lambda pair: _size(pair[1], pair[0].columns)', 'key=lambda pair: pair[0].version', 'data/test_recognised.py::test_what_is_none_of_them_is_told_from_the_closest'),
    Mutant('mlops/experiments/run_diff.py', 'not roles_changed and same:', 'same:', 'experiments/test_run_diff.py::test_the_same_rows_with_other_roles_are_other_data'),
    Mutant('mlops/experiments/run_diff.py', 'if one["key"] in before.params and one["key"] in after.params]', ']', 'experiments/test_run_diff.py::test_a_logged_run_that_set_nothing_else_is_not_taken_for_one_without_settings'),
    Mutant('mlops/experiments/run_diff.py', 'if old["before"] == new["after"]:', 'if True:', 'experiments/test_run_diff.py::test_each_key_of_the_config_is_told_and_the_seed_is_a_part_of_its_own'),
    Mutant('mlops/experiments/run_diff.py', 'if before.seed is None and before.params["training.random_state"] is None:', 'if False:', 'experiments/test_run_diff.py::test_a_run_without_a_seed_differs_from_one_with_it_and_two_without_differ_in_what_nobody_knows'),
    Mutant('mlops/experiments/run_diff.py', 'if not judged.same_rows(runs, split) or', 'if', 'experiments/test_run_diff.py::test_rows_of_another_split_are_counted_and_luck_is_not_asked'),
    Mutant('mlops/experiments/run_diff.py', 'if one["before"] != one["after"]}', '}', 'experiments/test_run_diff.py::test_what_did_not_move_has_no_distribution_to_show'),
    Mutant('mlops/experiments/shared_rows.py', 'if old["sha256"] == new["sha256"]:', 'if False:', 'experiments/test_run_diff.py::test_the_same_content_has_the_same_rows_whatever_names_them'),
    Mutant('mlops/experiments/shared_rows.py', 'if ids[0] != ids[1]:', 'if False:', 'experiments/test_run_diff.py::test_rows_that_are_named_by_different_things_are_not_matched'),
    Mutant('mlops/experiments/shared_rows.py', 'scoring.decide(one, learned, run.threshold)', 'scoring.decide(one, learned, before.threshold)', 'experiments/test_run_diff.py::test_changed_answers_are_those_of_the_two_files'),
    Mutant('mlops/experiments/shared_rows.py', '.any() and not len(flips):', '.any():', 'experiments/test_run_diff.py::test_a_threshold_alone_flips_decisions_without_moving_a_score'),
    Mutant('mlops/experiments/told_apart.py', 'return f"Of what was recorded, {said[0].lower()}{said[1:]}" if unknown else said', 'return said', 'experiments/test_run_diff.py::test_a_run_from_elsewhere_says_why_it_has_no_answers'),
    Mutant('playground/slopes.py', '(flips["after"] == flips["truth"])', '(flips["before"] != flips["before"])', 'playground/test_slopes.py::test_the_sentence_says_whether_the_flips_help_and_whether_the_rows_were_changed'),
    Mutant('playground/ui/difference/consequences.py', 'if not data or sum(data["cells_changed"].values()) > len(data["changes"]):', 'if not data:', 'playground/test_difference_screen.py::test_cells_that_are_known_in_part_are_not_counted'),
    Mutant('mlops/experiments/pins.py', 'if key != SEED}', '}', 'experiments/test_pins.py::test_each_cause_moves_its_own_pin_and_no_other'),
    Mutant('mlops/experiments/pins.py', 'if one.sha256 is None or one.sha256 != other.sha256:', 'if one.sha256 != other.sha256:', 'experiments/test_pins.py::test_what_was_not_recorded_is_not_pinned_and_says_why'),
    Mutant('mlops/experiments/pins.py', 'dict(roles), known])', 'known])', 'experiments/test_pins.py::test_each_cause_moves_its_own_pin_and_no_other'),
    Mutant('playground/say.py', 'there = course.workspace(ws, one.stop) if chapter else ws', 'there = ws', 'playground/course/test_missions.py::test_a_solved_stop_has_a_sentence_for_others_with_its_numbers[compare]'),
    Mutant('playground/say_facts.py', 'sum(bad.held(one["at"]) for', 'sum(True for', 'playground/test_say.py::test_a_rollback_counts_the_answers_that_were_sent_meanwhile'),
    Mutant('playground/say_facts.py', 'if one["environment"] == "production" and one["model"] == bad.model', 'if one["model"] == bad.model', 'playground/test_say.py::test_a_rollback_counts_the_answers_that_were_sent_meanwhile'),
    Mutant('playground/mental_models/time_machine.py', 'before[name] != fields[0]', 'bool(before)', 'playground/test_mental_models.py::test_only_what_is_not_as_it_was_before_is_marked'),
    Mutant('playground/mental_models/time_machine.py', 'if one.since <= instant', 'if one.since < instant', 'playground/test_mental_models.py::test_the_time_machine_answers_as_the_releases_do'),
    Mutant('playground/mental_models/assembly_line.py', 'if actor in (RUN_THE_CHAIN, NEXT_MONTH):', 'if actor != "ada":', 'playground/test_mental_models.py::test_what_a_button_did_needed_nobody'),
    Mutant('playground/mental_models/factory.py', 'return self.states > 1', 'return bool(self.states)', 'playground/test_mental_models.py::test_a_part_that_changed_is_one_that_moves'),
    Mutant('playground/ui/guide/pictures.py', 'if stops.veiled("history"):', 'if False:', 'playground/test_mental_models.py::test_what_was_live_then_is_not_shown_before_somebody_says_it'),
    Mutant('playground/shuffle.py', 'if self.lower > line:', 'if self.measured.gain > line:', 'playground/test_shuffle.py::test_the_word_beside_the_rule_is_that_of_the_release_check'),
    Mutant('playground/shuffle.py', 'line > 0 if outcome == "fail" else line >= 0', 'line >= 0', 'playground/test_shuffle.py::test_without_a_rule_the_word_is_that_of_the_comparison'),
    Mutant('playground/shuffle.py', 'sign = -1 if less else 1', 'sign = 1', 'playground/test_shuffle.py::test_of_an_error_less_is_ahead'),
    Mutant('playground/shuffle.py', 'gains[at * each + each // 2]', 'gains[at * each]', 'playground/test_shuffle.py::test_each_of_the_twenty_dots_stands_for_five_draws'),
    Mutant('playground/ui/release/missing.py', 'if any(check["name"] in NEVER_LIFTED', 'if False and any(check["name"] in NEVER_LIFTED', 'playground/test_gate_screen.py::test_a_damaged_file_is_not_offered_to_anybody_with_a_reason'),
    Mutant('playground/ui/release/missing.py', 'if lamp and not hopeless else None', 'if lamp else None', 'playground/test_gate_screen.py::test_a_damaged_file_is_not_offered_to_anybody_with_a_reason'),
    Mutant('playground/ui/release/missing.py', '    if not passes:\n        _in_spite', '    if True:\n        _in_spite', 'playground/test_gate_screen.py::test_too_few_new_rows_are_answered_with_a_month_to_choose'),
    Mutant('playground/ui/release/missing.py', 'override=override, data=data, expected', 'override=override, expected', 'playground/test_gate_screen.py::test_too_few_new_rows_are_answered_with_a_month_to_choose'),
    Mutant('playground/ui/release/gate.py', 'return found if found.report.against == live else None', 'return found', 'playground/test_gate_screen.py::test_an_answer_is_no_answer_any_more_once_something_else_is_live'),
    Mutant('playground/history.py', 'and self.place == "production"', '', 'playground/test_history_line.py::test_the_browser_gets_instants_and_sentences'),
    Mutant('playground/changed.py', 'if name in rows or len(rows) < ROWS:', 'if True:', 'playground/test_changed.py::test_a_large_difference_is_cut_and_says_so'),
    Mutant('playground/run_table.py', 'if key not in gone}', '}', 'playground/test_pinned.py::test_letters_of_the_table_follow_the_rows_that_are_found'),
    Mutant('playground/seats.py', 'if len(taken) < most:', 'if True:', 'playground/test_seats.py::test_a_seat_where_nothing_was_done_goes_to_somebody_else'),
    Mutant('playground/seats.py', '(to / FILE).unlink(missing_ok=True)', 'pass', 'playground/test_seats.py::test_a_seat_that_goes_to_somebody_else_tells_them_nothing'),
    Mutant('playground/desk.py', 'if name not in values}', 'if False}', 'playground/test_desk.py::test_many_tabs_at_once_lose_no_value_and_leave_nothing_behind'),
    Mutant('playground/folders.py', 'chapters(path).rename(chapters(to))', 'pass', 'playground/test_folders.py::test_what_is_put_aside_comes_back_to_the_last_byte'),
    Mutant('playground/folders.py', 'if (path / FILE).exists() or chapters(path).exists():', 'if False:', 'playground/test_folders.py::test_a_workspace_that_gives_way_is_kept_if_anything_was_in_it'),
    Mutant('playground/limits.py', 'if waiting + trials > limits.runs:', 'if waiting > limits.runs:', 'playground/test_limits.py::test_a_sweep_that_would_keep_the_class_waiting_is_refused_whole'),
    Mutant('mlops/experiments/configs.py', 'one, other = plain(before), plain(after)', 'one, other = before, after', 'experiments/test_configs.py::test_a_list_that_a_record_keeps_differs_in_nothing_from_that_of_a_file'),
    Mutant('playground/ui/kit/session.py', '.get("kept.session.chapter") if self.of_chapter else ""', '.get("kept.session.chapter") and ""', 'playground/test_panel_chapters.py::test_a_chapter_has_a_config_of_its_own_beside_the_draft_of_the_own_work'),
    Mutant('playground/ui/kit/panel.py', 'return fresh(stop) and asking.waiting(stop) is not None', 'return False', 'playground/test_panel.py::test_a_guess_comes_first_and_is_made_once'),
    Mutant('playground/ui/kit/cards.py', '        session.hold(key, asked)\n', '        pass\n', 'playground/test_data_screen.py::test_a_link_opens_the_tab_it_names_whatever_tab_was_open'),
    Mutant('playground/drawn_chain.py', 'len({node.pin for node in self.apart}) == 1', 'True', 'playground/test_drawn_chain.py::test_the_live_model_made_again_is_told_as_the_same_model'),
    Mutant('playground/ui/kit/session.py', 'key not in found or found[key] != value', 'True', 'playground/test_state.py::test_a_rerun_reads_no_desk_and_writes_one_only_for_what_changed'),
    Mutant('playground/ui/kit/seat.py', 'for kept in (session.SEAT, session.REMEMBERED):', 'for kept in (session.SEAT,):', 'playground/test_seats.py::test_leaving_a_seat_leads_to_a_new_one_and_forgets_the_old'),
    Mutant('playground/ui/start/builder.py', 'if next_step(chain) != step or chain.training:', 'if False:', 'playground/test_pages.py::test_a_step_that_another_tab_has_just_done_is_not_done_again'),
    Mutant('playground/chain.py', 'if same or registered > begun else', 'if registered > begun else', 'playground/test_drawn_chain.py::test_a_registered_trial_stays_the_newest_work_while_its_sweep_goes_on'),
    Mutant('playground/chain.py', 'next(iter(ws.sweeps.get(run.tags[SWEEP]).finished), run)', 'run', 'playground/test_drawn_chain.py::test_of_a_sweep_the_best_trial_is_the_newest_work'),
    Mutant('playground/lanes.py', 'return newest if kept > began else None', 'return newest', 'playground/test_drawn_chain.py::test_newer_data_leave_the_newest_run_behind'),
    Mutant('playground/lanes.py', 'return begun < lane.above("outcomes")[0][1]', 'return True', 'playground/test_drawn_chain.py::test_outcomes_before_the_first_release_are_no_loop'),
    Mutant('playground/drawing.py', 'for kind in MADE[MADE.index(last.kind) + 1 :]:', 'for kind in ():', 'playground/test_drawn_chain.py::test_an_empty_chain_shows_what_will_be'),
    Mutant('playground/drawing.py', 'next((seq for seq in seqs if seq is not None), None)', 'self._lanes.head', 'playground/test_drawn_chain.py::test_each_drawn_edge_is_an_edge_of_the_ledger'),
    Mutant('playground/drawing.py', 'or (lanes.live is not None and lanes.live.run.run_id == work.run.run_id)', '', 'playground/test_drawn_chain.py::test_another_version_of_the_live_run_begins_a_lane_when_its_config_is_edited'),
    Mutant('pages/predict.py', 'if chain.production is None:', 'if False:', 'playground/test_pages.py::test_every_page_opens_on_an_empty_workspace'),
    # Course
    Mutant('mlops/base/journal.py', 'if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):', 'if not isinstance(subject, str):', 'base/test_journal.py::test_a_subject_that_is_no_name_is_refused_and_nothing_is_written'),
    Mutant('mlops/cli/further.py', 'super().get_command(context, name) or load(name)', 'load(name) or super().get_command(context, name)', 'cli/test_further.py::test_no_further_command_takes_the_place_of_an_own_one'),
    Mutant('mlops/cli/further.py', 'except Exception:  # whatever', 'except ImportError:  # whatever', 'cli/test_further.py::test_a_group_that_cannot_be_imported_is_absent_and_the_rest_works'),
    Mutant('playground/quiz/number.py', ' and kinds[name].instead not in missing', '', 'playground/test_quiz.py::test_numbers_of_one_thing_are_all_ones_own_or_all_an_example'),
    Mutant('mlops/release/releases.py', 'next(reversed(self.all_live(environment)), None)', 'max(self.all_live(environment), key=lambda one: one.at, default=None)', 'playground/test_quiz.py::test_what_went_live_last_is_meant_also_where_two_went_live_at_one_instant'),
    Mutant('playground/quiz/record.py', 'ENOUGH = 0.8', 'ENOUGH = 0.75', 'playground/test_quiz.py::test_four_in_five_right_after_that_pass'),
    Mutant('playground/quiz/record.py', 'if before.first and found.due != before:', 'if False:', 'playground/test_quiz.py::test_a_wrong_answer_comes_back_once_when_all_others_were_asked'),
    Mutant('playground/quiz/record.py', 'return self.second or self.first', 'return self.first', 'playground/test_quiz.py::test_what_was_corrected_counts_as_right'),
    Mutant('playground/quiz/record.py', 'noted.get("passed") if found.passed else None', 'noted.get("passed")', 'playground/test_quiz.py::test_whether_it_was_right_is_asked_of_the_questions_and_noted_nowhere'),
    Mutant('playground/quiz/record.py', ', **asked.numbers}', '}', 'playground/test_quiz.py::test_what_was_answered_keeps_the_numbers_that_stood_in_it'),
    Mutant('playground/ui/guide/quiz.py', 'if asked.over or one.id == asked.given:', 'if one:', 'playground/test_quiz_screen.py::test_a_wrong_answer_says_why_and_keeps_the_right_one'),
    Mutant('playground/checklists.py', 'return found.status in ("solved", "with_hints")', 'return found.done', 'playground/test_guide.py::test_the_life_cycle_asks_for_a_stop_of_each_phase'),
    Mutant('playground/checklists.py', 'if one.status != "verified":', 'if one.status == "yours":', 'playground/test_guide.py::test_a_line_of_several_things_names_the_one_that_is_missing'),
    Mutant('playground/course/looking.py', 'if ok is False and (reached or state.done):', 'if ok is False and state.done:', 'playground/course/test_tour.py::test_a_milestone_stays_reached'),
    Mutant('playground/course/looking.py', 'except Exception as error:', 'except ValueError as error:', 'playground/course/test_looking.py::test_a_broken_check_says_so_and_fails_nobody'),
    Mutant('playground/course/looking.py', 'goal.id not in known', 'True', 'playground/course/test_looking.py::test_what_is_noted_is_noted_once'),
    Mutant('playground/course/looking.py', 'return None if before.of_files else seq', 'return seq', 'playground/course/test_configs_lab.py::test_an_edit_in_a_file_blames_no_event'),
    Mutant('playground/course/looking.py', ' and goal.id in state.kept', ' and False', 'playground/course/test_tour.py::test_what_held_where_a_stop_began_is_kept_and_not_reached'),
    Mutant('playground/course/checks/links.py', 'if request["after"] <= baseline.event:', 'if request["after"] < 0:', 'playground/course/test_tour.py::test_what_was_done_before_a_stop_began_is_not_done_in_it'),
    Mutant('playground/course/checks/links.py', 'before = order[staging.deployment_id] < order[production.deployment_id]', 'before = staging.at <= production.at', 'playground/course/test_checks.py::test_a_rehearsal_after_the_release_is_none'),
    Mutant('playground/course/checks/links.py', 'request["environment"] == "production" or ', '', 'playground/course/test_checks.py::test_an_answer_of_production_counts_after_the_next_release'),
    Mutant('playground/course/checks/going_back.py', '(checked and learned["sha256"] != data["sha256"])', 'checked', 'playground/course/test_checks.py::test_another_model_of_the_bad_data_is_no_way_back'),
    Mutant('playground/course/fixtures/first_release.py', 'return first and any(', 'return any(', 'playground/course/test_checks.py::test_a_stop_about_the_sample_opens_a_chapter_where_its_name_stands_for_other_rows'),
    Mutant('playground/course/checks/noted.py', 'if event["kind"] in BEGUN', 'if event["kind"].startswith("run.")', 'playground/course/test_checks.py::test_a_note_on_an_old_run_is_no_training'),
    Mutant('playground/course/checks/decided.py', 'if over <= at < known]', 'if over <= at]', 'playground/course/test_checks.py::test_a_decision_is_what_stood_when_the_outcomes_came'),
    Mutant('playground/course/checks/decided.py', 'if over <= at < known]', 'if at < known]', 'playground/course/test_checks.py::test_a_decision_is_what_stood_when_the_outcomes_came'),
    Mutant('playground/course/checks/decided.py', 'if value and value != (found[-1][1] if found else None):', 'if value:', 'playground/course/test_checks.py::test_what_was_said_too_early_is_not_said_again_by_another_answer'),
    Mutant('playground/course/guesses.py', 'and asked.id not in said and', 'and', 'playground/test_colleagues.py::test_no_month_passes_before_what_is_asked_was_answered'),
    Mutant('playground/year.py', 'if not guess and not waived:', 'if False:', 'playground/test_year.py::test_nothing_that_is_true_is_in_the_record_before_the_line'),
    Mutant('playground/colleagues.py', 'if not planned or "done" in planned:', 'if not planned:', 'playground/test_colleagues.py::test_what_a_colleague_planned_happens_when_that_month_is_over'),
    Mutant('playground/course/logbook.py', 'if not chapters.is_there(ws, values.get("chapter")) and', 'if False and', 'playground/test_panel_chapters.py::test_a_chapter_that_somebody_removed_breaks_no_page'),
    Mutant('playground/folders.py', 'if chapter(path, beside.name):', 'if False:', 'playground/test_panel_chapters.py::test_a_copy_to_play_with_has_its_chapters'),
    Mutant('playground/course/checks/noted.py', 'for run_id, who in by.items() if counts(who)', 'for run_id, who in by.items()', 'playground/course/test_tour.py::test_training_version_1_again_must_be_the_learners_own_act'),
    Mutant('playground/course/checks/alike.py', 'if leak := given_away(run):', 'if leak := None:', 'playground/course/test_checks.py::test_a_candidate_that_is_none_is_told_what_its_record_shows'),
    Mutant('playground/course/checks/alike.py', 'dict.fromkeys((_rows(run), _recipe(run))', 'dict.fromkeys((_rows(run), run.run_id)', 'playground/course/test_checks.py::test_a_run_that_is_trained_again_and_again_does_not_make_its_rows_the_usual_ones'),
    Mutant('playground/course/checks/repeated.py', ' and one.seed == run.seed is not None', '', 'playground/course/test_checks.py::test_one_key_that_moved_beside_the_seed_is_not_alone'),
    Mutant('playground/course/checks/repeated.py', 'if event["kind"] == "run.reproduce" and counts(event["actor"])', 'if event["kind"] == "run.reproduce"', 'playground/course/test_checks.py::test_what_a_colleague_proved_is_not_proven_by_the_learner'),
    Mutant('playground/course/checks/promoted.py', 'if event["kind"].startswith("deployment.") and counts(event["actor"])', 'if event["kind"].startswith("deployment.")', 'playground/course/test_checks.py::test_the_release_of_a_colleague_is_not_the_learners'),
    Mutant('playground/course/checks/promoted.py', 'if judged and _ruled(judged) != _ruled(vars(then)):', 'if False:', 'playground/course/test_checks.py::test_a_rule_that_was_moved_for_the_moment_of_the_check_is_not_the_rule_of_the_start'),
    Mutant('playground/course/mission.py', 'return sound and (self.marks != 2 or numbers == sorted(numbers))', 'return sound', 'playground/course/test_tour.py::test_a_guess_that_is_none_is_refused'),
    Mutant('playground/ui/kit/asking.py', ' or any(one.first for one in _unsaid(stop))', '', 'playground/test_panel_proof.py::test_a_guess_before_the_questions_stays_above_them'),
    Mutant('playground/ui/release/lamps.py', 'if not stops.veiled("shuffle"):', 'if True:', 'playground/test_panel_proof.py::test_the_shuffle_waits_for_the_guess_about_it'),
    Mutant('playground/stones.py', 'if after and one.number > after.number', 'if True', 'playground/test_panel_proof.py::test_whoever_begins_in_the_middle_goes_on_from_there'),
    Mutant('playground/course/chapters.py', 'names = (path.with_name(f"{path.name}-{number}") for number in itertools.count(1))', 'names = iter([path.with_name(f"{path.name}-1")] * 9)', 'playground/course/test_tour.py::test_a_chapter_is_set_aside_whole_and_never_overwritten'),
    Mutant('playground/course/guesses.py', 'if held.was_said(state, asked.id) else None', '', 'playground/course/test_tour.py::test_a_result_stays_covered_until_somebody_guessed_or_would_not'),
    Mutant('playground/course/tour.py', 'copy = chapters.copy(place(ws, state).path, path, SHOW_ME)', 'copy = place(ws, state)', 'playground/course/test_missions.py::test_show_me_solves_a_copy_and_leaves_the_workspace_as_it_is[notebook]'),
    Mutant('mlops/release/releases.py', 'until, ended_by = one["since"], seq', 'until, ended_by = one["since"], seq + 1', 'playground/test_history_line.py::test_what_the_line_says_was_live_is_what_the_releases_say'),
    Mutant('playground/history.py', 'self.event <= event and', 'self.event < event and', 'playground/test_history_line.py::test_what_the_line_says_was_live_is_what_the_releases_say'),
    Mutant('playground/history.py', 'mark.event for mark in self.marks if mark.at <= instant', 'mark.event for mark in self.marks if mark.at < instant', 'playground/test_history_line.py::test_what_the_line_says_was_live_is_what_the_releases_say'),
    Mutant('playground/history.py', '            self._marks.pop()  # the check was overruled: the release says so\n', '            pass\n', 'playground/test_history_line.py::test_each_event_is_a_sentence_with_who_and_why'),
    Mutant('playground/history.py', 'ws.log(since=self._seen)', 'ws.log()', 'playground/test_history_line.py::test_a_tape_reads_each_event_once'),
    Mutant('playground/history.py', 'if least <= count <= room - 1', 'if count <= room - 1', 'playground/test_history_line.py::test_a_view_opens_with_its_newest_marks_far_enough_apart'),
    Mutant('playground/ui/kit/location.py', 'else None if same else session.PAST.get()', 'else None', 'playground/test_past_on_screens.py::test_the_past_goes_along_to_other_pages_and_back_leads_out'),
    Mutant('playground/scored.py', 'edges[np.abs(edges - cut) < 1e-8] = cut', 'edges = edges[np.abs(edges - cut) > 1e-8]', 'playground/test_scored.py::test_the_bars_on_one_side_of_the_threshold_are_those_to_act_on'),
    Mutant('playground/ui/predict/one.py', 'kept["before"] if further else kept["row"]', 'kept["row"]', 'playground/test_one_row.py::test_the_ghost_is_the_answer_before_a_field_began_to_move'),
    Mutant('mlops/release/predictions.py', '**model.signature.value(name, value)}', 'name: value}', 'release/test_predictions.py::test_what_if_refuses_what_a_request_would_be_refused'),
    Mutant('playground/ui/kit/location.py', 'for one in session.OF_A_MOMENT:', 'for one in ():', 'playground/test_past_on_screens.py::test_answers_of_today_are_not_shown_in_the_past'),
    Mutant('playground/ui/kit/state.py', 'shelf.of_past(str(ws.path), ws.id, event)', 'shelf.of_workspace(str(ws.path), ws.id)', 'playground/test_past_on_screens.py::test_what_is_read_of_the_past_is_read_once'),
    Mutant('playground/ui/kit/acts.py', '"disabled": True', '"disabled": False', 'playground/test_past_on_screens.py::test_buttons_that_record_say_where_one_can_do_that'),
    Mutant('playground/ui/kit/watch.py', 'if alive and state.event() is None else None', 'if alive else None', 'playground/test_past_on_screens.py::test_nobody_waits_for_what_ended_long_ago'),
    Mutant('playground/ui/start/builder.py', 'return next_step(chain) if state.event() is None else None', 'return next_step(chain)', 'playground/test_past_on_screens.py::test_a_chain_that_was_being_built_is_not_built_in_the_past'),
    Mutant('playground/course/held.py', 'return progress.current == stop and', 'return progress.current != stop and', 'playground/test_panel.py::test_what_is_to_be_guessed_is_covered_wherever_it_would_stand_until_it_was'),
    Mutant('playground/breaks.py', '"one line changed", data, config, (changed,))', '"one line changed", data, config)', 'playground/test_breaking.py::test_a_line_of_code_is_really_another_one_and_the_own_work_stays_as_it_was'),
    Mutant('playground/breaking.py', 'made = folders.fork(ws)', 'made = ws.path', 'playground/test_breaking.py::test_a_line_of_code_is_really_another_one_and_the_own_work_stays_as_it_was'),
    Mutant('playground/breaking.py', 'raise NoPackageError(', 'raise MlopsError(', 'playground/test_breaking.py::test_without_a_network_there_is_a_prepared_one_that_says_so'),
    Mutant('playground/broken.py', "and tags.{ATTEMPT} = '{attempts(copy, name)}'", "", 'playground/test_breaking.py::test_again_is_another_attempt_and_the_newest_is_shown'),
    Mutant('playground/ui/train/breaking.py', 'if place.copy or place.chapter:', 'if place.chapter:', 'playground/test_breaking_screen.py::test_in_a_copy_nothing_is_broken'),
    Mutant('playground/closing.py', 'own = name.startswith(f"{ws.path.absolute().name}-project-")', 'own = bool(name)', 'playground/test_closing.py::test_a_copy_has_no_project_and_neither_has_who_removed_it'),
    Mutant('playground/closing.py', 'if not name.exists())', 'if True)', 'playground/test_closing.py::test_a_project_lies_beside_the_workspace_and_never_over_another'),
    Mutant('playground/closing.py', 'if ws.event is not None:', 'if False:', 'playground/test_closing.py::test_the_past_does_nothing_not_even_in_git'),
    Mutant('playground/closing.py', 'if found.move != "merge" or', 'if', 'playground/test_closing.py::test_nothing_is_merged_before_the_tests_have_passed'),
    Mutant('playground/closing.py', 'if not self.message or not messages.named(self.message).good:', 'if not self.message:', 'playground/test_closing.py::test_a_change_goes_from_its_message_to_its_merge'),
    Mutant('playground/closing.py', 'tested.together(tests)', 'tests', 'playground/test_closing.py::test_values_of_one_test_are_one_line'),
    Mutant('playground/tested.py', 'if not name.startswith(ours)', 'if True', 'playground/test_closing.py::test_tests_run_without_this_app_and_each_tells_what_came_of_it'),
    Mutant('playground/branches.py', '"--no-ff", ', '', 'playground/test_closing.py::test_a_change_goes_from_its_message_to_its_merge'),
    Mutant('playground/branches.py', '"--amend", ', '', 'playground/test_closing.py::test_a_change_goes_from_its_message_to_its_merge'),
    Mutant('playground/project_tree.py', 'made.get(ref, "deployment")', 'made.get(ref, "run")', 'playground/test_closing.py::test_the_tree_says_which_record_each_folder_came_from'),
    Mutant('playground/jobs.py', 'process.kill()', 'pass', 'playground/test_jobs.py::test_a_cancelled_job_takes_its_process_along'),
    Mutant('playground/jobs.py', 'if name in self._jobs and not self._jobs[name].over:', 'if False:', 'playground/test_jobs.py::test_a_second_click_begins_nothing'),
    Mutant('playground/proof.py', 'any(one["equal"] is False for one in checks)', 'False', 'playground/test_proof.py::test_every_cause_is_named_and_moves_the_pin_that_holds_it'),
    Mutant('playground/proof.py', 'if told["verdict"] == "identical":', 'if False:', 'playground/test_proof.py::test_a_difference_that_did_no_harm_is_named_all_the_same'),
    Mutant('playground/drawing.py', '{"live", "older"} & {*node.lanes}', '{"live"} & {*node.lanes}', 'playground/test_drawn_chain.py::test_two_runs_share_what_is_the_same_and_the_first_that_is_not_is_marked'),
    Mutant('playground/acts.py', 'if is_learner(event["actor"])', 'if event["actor"]', 'playground/test_guide.py::test_what_a_button_or_a_colleague_did_ticks_nothing'),
    Mutant('playground/reference.py', 'ruled = (live or ages)[0]', 'ruled = ages[0]', 'playground/test_reference.py::test_what_is_live_is_the_reference_in_whatever_order'),
    Mutant('playground/reference.py', '({named})")][::-1]', '({named})")]', 'playground/test_reference.py::test_without_a_live_one_among_them_the_older_is_the_reference'),
    Mutant('playground/reference.py', 'first = against if against in run_ids else ruled', 'first = ruled', 'playground/test_reference.py::test_swapped_each_keeps_its_word'),
    Mutant('playground/reference.py', 'run_id = trials[0].run_id if trials else row["run_id"]', 'run_id = row["run_id"]', 'playground/test_reference.py::test_of_a_sweep_the_best_trial_is_what_is_compared'),
    Mutant('playground/ui/compare/same_rows.py', 'if run is runs[0] or judged.same_rows([runs[0], run])]', ']', 'playground/test_compare_screen.py::test_runs_on_other_rows_are_neither_drawn_together_nor_ranked'),
    Mutant('playground/ui/compare/same_rows.py', 'Compared(tuple(on_them), called, again=called.run_ids)', 'Compared(tuple(on_them), called)', 'playground/test_compare_screen.py::test_one_click_judges_all_of_them_again_on_the_same_rows'),
    Mutant('playground/hundred.py', '- 1) // size) for order in orders]', '- 1) // size) for order in orders[:1] * 2]', 'playground/test_hundred.py::test_a_count_on_the_figures_is_at_most_one_beside_that_on_all_rows_by_either_model'),
    Mutant('playground/hundred.py', 'among[same] = (np.arange(len(same)) + 0.5) / max(len(same), 1)', 'among[same] = kind', 'playground/test_hundred.py::test_among_equal_scores_figures_are_mixed_as_a_draw_by_lot_would'),
    Mutant('playground/hundred.py', 'np.append(0, np.cumsum(truth[order])[ends - 1])', 'np.append(0, np.cumsum(truth[order])[ends - 1] - 1)', 'playground/test_hundred.py::test_how_many_are_found_is_what_a_recount_by_hand_finds'),
    Mutant('playground/hundred.py', 'math.isfinite(said)', 'True', 'playground/test_hundred.py::test_costs_that_make_no_sense_are_not_taken'),
    Mutant('playground/run_search.py', 'return f"not {field}" if after == "!=" and _is_text(said, at + 2) else field', 'return field', 'playground/test_compare_screen.py::test_a_column_is_compared_by_what_it_is_called'),
    Mutant('playground/run_table.py', 'if aside or not is_put(row) or row["run_id"] in named]', ']', 'playground/test_compare_screen.py::test_a_run_that_is_set_aside_stays_on_record_and_comes_back'),
    Mutant('playground/ui/compare/over_runs.py', 'if row[ROWS] == judged[-1][ROWS]]', ']', 'playground/test_compare_screen.py::test_the_metric_over_the_runs_is_drawn_of_those_on_the_same_rows'),
    Mutant('playground/ui/release/registration.py', 'if run is near[0] or judged.same_rows([near[0], run])]', 'if run is near[0]]', 'playground/test_compare_screen.py::test_the_best_run_is_offered_for_registering_and_not_the_newest'),
    Mutant('playground/company.py', 'if end_of(following(month)) > now or', 'if end_of(following(month)) >= now or', 'playground/test_company.py::test_outcomes_become_known_a_month_late_and_never_before'),
    Mutant('playground/company.py', 'if self._ws.now() < instant:', 'if self._ws.now() != instant:', 'playground/test_company.py::test_months_that_the_calendar_passed_are_made_up_for'),
    Mutant('playground/company.py', 'if name in answered:', 'if False:', 'playground/test_company.py::test_a_month_that_was_interrupted_goes_on_and_does_nothing_twice'),
    Mutant('playground/company.py', 'asked, month=self._month)', 'asked)', 'playground/test_company.py::test_months_that_the_calendar_passed_are_made_up_for'),
    Mutant('playground/company.py', 'month = min(max(first, month_of(clock["now"])), LAST)', 'month = first', 'playground/test_company.py::test_months_that_the_calendar_passed_are_made_up_for'),
    Mutant('playground/company.py', 'if known is None:', 'if True:', 'playground/test_company.py::test_a_month_that_was_interrupted_still_knows_what_nobody_expected'),
    Mutant('playground/company.py', 'if lock is None:', 'if False:', 'playground/test_company.py::test_only_one_process_at_a_time_lets_a_month_pass'),
    Mutant('playground/course/people.py', 'frozenset({JO, LENA, RAVI, RUN_THE_CHAIN, NEXT_MONTH})', 'frozenset({JO, LENA, RAVI, RUN_THE_CHAIN})', 'playground/test_company.py::test_the_learner_gets_no_credit_for_what_the_company_does'),
    Mutant('playground/folders.py', 'return before if next(iter(ws.log(last["seq"] - 1)), None) == last else None', 'return before', 'playground/test_company.py::test_only_the_own_past_can_be_taken_back'),
    Mutant('playground/folders.py', 'chapters(aside).rename(chapters(path))', 'pass', 'playground/test_company.py::test_a_month_is_taken_back_to_the_last_byte_and_what_gave_way_is_kept'),
    Mutant('playground/ui/kit/stops.py', 'if not stop.moves_time), None)', 'if False), None)', 'playground/test_date.py::test_in_a_stop_time_stands_still'),
    Mutant('playground/ui/kit/date.py', 'if session.second_click("months"):', 'if False:', 'playground/test_date.py::test_a_double_click_brings_one_month'),
    Mutant('playground/place.py', 're.fullmatch(r"[a-z]+(-shown)?", name) and found.is_dir()', 'found.is_dir()', 'playground/test_place.py::test_a_chapter_that_is_not_there_is_the_own_work'),
    Mutant('mlops/training/divergence.py', 'return next((check.what for check in self.checks if', 'return next((check.what for check in self.checks[::-1] if', 'training/test_reproduce.py::test_of_two_causes_the_first_is_named'),
    Mutant('mlops/training/divergence.py', 'if key not in (SEED, *new)}', 'if key not in new}', 'training/test_reproduce.py::test_another_seed'),
    Mutant('mlops/training/divergence.py', 'if origin == "default"} - {*run.params}', 'if origin == "none"}', 'training/test_reproduce.py::test_a_default_that_came_with_later_code_is_no_other_config'),
    Mutant('mlops/training/divergence.py', 'found.impossible = found.impossible or found.why["seed"]', 'pass', 'training/test_reproduce.py::test_no_seed'),
    Mutant('mlops/training/divergence.py', 'expected == observed if known else None', 'expected == observed', 'training/test_reproduce.py::test_a_run_from_elsewhere_is_impossible'),
    Mutant('mlops/training/reproduce.py', 'divergence.AsTheyLie(artifacts.root)', 'artifacts', 'training/test_reproduce.py::test_one_cell'),
    Mutant('mlops/training/reproduce.py', '<= TOLERANCE and not compared["flipped"]', '<= TOLERANCE', 'training/test_reproduce.py::test_verdicts_about_other_bytes'),
    Mutant('mlops/training/reproduce.py', 'if list(again.columns) != list(recorded.columns) or not recorded[about].equals(again[about]):', 'if len(again) != len(recorded):', 'training/test_reproduce.py::test_other_rows_or_labels_are_different'),
    Mutant('mlops/training/reproduce.py', 'ledger.patient(Progress(run.run_id, on_step).wait).write()', 'ledger.write()', 'training/test_reproduce.py::test_it_waits_while_another_program_holds_the_ledger'),
    Mutant('mlops/training/reproduce.py', '    sys.stdin.read()\n    os._exit(1)\n', '    sys.stdin.read()\n', 'training/test_reproduce.py::test_it_ends_with_whoever_asked_for_it'),
    Mutant('mlops/base/provenance.py', ', _TOLD: json.dumps(threads_said())}', '}', 'training/test_reproduce.py::test_a_run_that_nothing_happened_to_is_identical'),
    Mutant('mlops/base/provenance.py', 'path.read_bytes().replace(b"\\r\\n", b"\\n") for path in paths', 'path.read_bytes() for path in paths', 'training/test_reproduce.py::test_other_line_ends_are_the_same_code'),
    Mutant('mlops/experiments/lifecycle.py', 'if source is not None and not tx.is_named(path := source_path((before | changes)["code"])):', 'if source is not None and (path := source_path((before | changes)["code"])):', 'training/test_reproduce.py::test_of_two_runs_that_end_at_once_one_keeps_the_source'),
    Mutant('mlops/experiments/runs.py', 'if key != "reproduced"}', '}', 'training/test_reproduce.py::test_reproducing_is_one_event_and_makes_no_run'),
    Mutant('mlops/experiments/software.py', '            if name in known:\n', '            if True:\n', 'experiments/test_software.py::test_what_an_older_program_did_not_record_is_no_difference'),
    Mutant('playground/harm_places.py', 'if low > line:', 'if low + line > line:', 'playground/test_harm_map.py::test_harm_is_what_lies_above_the_line_for_certain'),
    Mutant('playground/harm_places.py', 'lost - hypot(place.lost - _of(place.low), _of(was.high) - was.lost)', 'lost - (place.lost - _of(place.low))', 'playground/test_harm_map.py::test_a_loss_since_the_month_before_is_as_uncertain_as_both_months_together'),
    Mutant('playground/harm_places.py', 'and not one.outcomes.few and', 'and', 'playground/test_harm_map.py::test_few_outcomes_make_no_dot'),
    Mutant('playground/ui/monitor/monitor.py', 'st.query_params.pop(PARAMETER, None)', 'pass', 'playground/test_monitor_screen.py::test_a_link_names_the_month_that_the_page_is_about_until_another_one_passes'),
    Mutant('mlops/data/readiness.py', 'if known < needed:', 'if known < needed - 1:', 'data/test_readiness.py::test_two_hundred_known_outcomes_make_it_ready_and_not_one_less'),
    Mutant('mlops/data/joins.py', 'for part in reversed(parts):', 'for part in [*parts]:', 'data/test_joins.py::test_a_row_that_stands_in_two_versions_is_there_once_as_the_newest_has_it'),
    Mutant('mlops/training/orders.py', 'if one.trainable:', 'if one.rows:', 'training/test_orders.py::test_a_name_alone_is_its_newest_version_that_one_may_train_on'),
    Mutant('mlops/release/lineage.py', ' and node.ref not in (after.get("parents") or ())', '', 'release/test_lineage.py::test_each_edge_is_one_of_the_ledger_and_none_is_missing'),
    Mutant('mlops/production/windows.py', 'if one.sha256 not in joined}', '}', 'production/test_retraining.py::test_what_was_joined_before_is_no_month'),
    Mutant('mlops/production/windows.py', 'if place >= months and taken:', 'if len(taken) >= months:', 'production/test_retraining.py::test_a_month_whose_data_have_a_fault_is_left_out_until_it_is_repaired'),
    Mutant('mlops/production/windows.py', '(when.get(one.ref, one.created_at), one.version)', 'one.version', 'production/test_retraining.py::test_a_month_that_was_corrected_later_takes_its_own_place'),
    Mutant('mlops/production/shadow.py', 'place == (shadow.environment, shadow.model) and answer["model"] != shadow.candidate', 'place == (shadow.environment, shadow.model)', 'production/test_shadow.py::test_it_ends_when_it_goes_live_after_answering_what_came_before'),
    Mutant('mlops/production/shadow.py', 'one["prediction_id"] in done or one.get("after", 0) < shadow.after', 'one["prediction_id"] in done', 'production/test_shadow.py::test_only_what_the_live_model_was_asked_counts'),
    Mutant('mlops/production/shadow.py', 'if len(done) == 1 and one["prediction_id"] not in done:', 'if False:', 'production/test_shadow.py::test_a_power_cut_that_takes_the_last_requests_takes_no_answer_twice'),
    Mutant('mlops/production/shadow.py', 'for some_rows in self._blocks(shadow) if alone else ():', 'for some_rows in self._blocks(shadow):', 'production/test_shadow.py::test_who_comes_second_has_nothing_to_do'),
    Mutant('mlops/production/shadow.py', '"after": 0 if back else event,', '"after": 0,', 'production/test_shadow.py::test_only_what_the_live_model_was_asked_counts'),
    Mutant('mlops/production/shadow.py', 'and not (back and before.after):', 'and not back:', 'production/test_shadow.py::test_who_asks_again_for_what_was_asked_before_begins_nothing_anew'),
    Mutant('mlops/production/shadow_answers.py', 'spent = [_seconds(model, row) for model in pair][:: -1 if number % 2 else 1]', 'spent = [_seconds(model, row) for model in pair]', 'production/test_shadow.py::test_each_time_is_that_of_its_own_model'),
    Mutant('mlops/production/shadow_pairs.py', 'recorded.table["part"] != "test"', 'recorded.table["part"] == "train"', 'production/test_shadow.py::test_who_one_of_both_learned_from_tells_nothing'),
    Mutant('mlops/production/shadow_pairs.py', 'if place not in self._learned}', '}', 'production/test_shadow.py::test_who_one_of_both_learned_from_tells_nothing'),
    Mutant('mlops/production/shadow_report.py', '"live": live & ~silent,', '"live": silent & ~live,', 'production/test_shadow.py::test_once_outcomes_are_known_it_is_told_who_was_right'),
    Mutant('mlops/serving/follower.py', 'if trouble != (trouble := str(error)):', 'if trouble := str(error):', 'serving/test_follower.py::test_trouble_is_said_once_and_the_end_of_the_candidate_ends_it'),
    Mutant('playground/company.py', 'except MlopsError as problem:\n            return f"; v', 'except ConflictError as problem:\n            return f"; v', 'playground/test_company.py::test_a_silent_candidate_answers_the_customers_as_well'),
    Mutant('playground/two_scores.py', '_evenly(np.flatnonzero(flips), FLIPS)', 'np.flatnonzero(flips)[-FLIPS:]', 'playground/test_two_scores.py::test_of_very_many_some_are_drawn_evenly_over_time_and_it_says_so'),
    Mutant('playground/two_scores.py', 'return "live" if live == truth else "silent" if silent == truth else "nobody"', 'return "silent" if silent == truth else "live"', 'playground/test_two_scores.py::test_neither_can_be_right'),
    Mutant('playground/drawing.py', 'if data.id in self._nodes:  # newer', 'if True:  # newer', 'playground/test_drawn_chain.py::test_where_newer_data_stand_in_its_place_no_arrow_leads_to_data_that_are_not_drawn'),
    Mutant('mlops/production/retraining.py', 'last.months == window.versions and not last.promoted', 'last.promoted', 'production/test_retraining.py::test_what_does_not_pass_is_rehearsed_and_not_promoted'),
    Mutant('mlops/production/retraining.py', ' and run.run_id not in ended', '', 'production/test_retraining.py::test_a_retraining_that_was_interrupted_goes_on_and_does_nothing_twice'),
    Mutant('mlops/production/retraining.py', ' and "staging" not in candidate.live_in', '', 'production/test_retraining.py::test_a_retraining_that_was_interrupted_goes_on_and_does_nothing_twice'),
    Mutant('playground/classroom/book.py', 'return self.stops is None or stop in self.stops', 'return not self.stops or stop in self.stops', 'playground/classroom/test_book.py::test_nothing_open_is_not_everything_open'),
    Mutant('playground/classroom/book.py', '    with locks.turn(room / f".{FILE}.lock", PATIENCE):\n', '    if True:\n', 'playground/classroom/test_book.py::test_two_who_decide_at_once_both_do'),
    Mutant('playground/classroom/book.py', 'except (FileNotFoundError, ValueError', 'except (OSError, ValueError', 'playground/classroom/test_book.py::test_a_book_that_cannot_be_read_at_this_moment_is_not_written_anew'),
    Mutant('playground/classroom/book.py', 'return replace(now, spotlight="", shown="", told=False, named=False, away=())', 'return now', 'playground/classroom/test_book.py::test_what_is_on_the_projector_moves_no_learner_s_screen'),
    Mutant('playground/classroom/book.py', 'min(since.get(key, math.inf), _since(path))', '_since(room / key)', 'playground/classroom/test_book.py::test_whoever_starts_over_keeps_their_number'),
    Mutant('playground/classroom/secret.py', 'return known if len(known) == LETTERS else ""', 'return known', 'playground/classroom/test_book.py::test_a_key_that_was_cut_off_opens_to_nobody'),
    Mutant('playground/classroom/secret.py', 'return bool(known) and hmac', 'return hmac', 'playground/classroom/test_book.py::test_who_does_not_know_the_key_is_nobody'),
    Mutant('playground/classroom/given.py', 'tuple(sorted(_scaled(asked, value) for value in said))', 'tuple(_scaled(asked, value) for value in said)', 'playground/classroom/test_wall.py::test_guesses_are_counted_and_come_in_no_order_that_tells_whose_they_are'),
    Mutant('playground/classroom/wall.py', 'hashlib.sha256(key.encode()).hexdigest()[:12]', 'key', 'playground/classroom/test_wall.py::test_a_tile_says_who_where_and_whether_the_guess_is_given'),
    Mutant('playground/classroom/together.py', '    held.settle(room)  # the last one may', '    pass  # the last one may', 'playground/classroom/test_held.py::test_a_hold_that_comes_after_the_last_guess_ends_at_once'),
    Mutant('playground/classroom/together.py', 'time.time() - now.since < LONG', 'True', 'playground/classroom/test_together.py::test_everybody_is_asked_to_come_and_nobody_is_moved'),
    Mutant('playground/classroom/together.py', 'book.decide(room, lambda now: _brought(now, one.id))', 'now = book.read(room); course.prepare(one.id); book.change(room, **vars(_brought(now, one.id)))', 'playground/classroom/test_together.py::test_two_teachers_who_bring_everybody_at_once_lose_nothing_of_each_other'),
    Mutant('playground/classroom/wall.py', 'next(one for one in _numbered(name) if one not in taken)', 'next(_numbered(name))', 'playground/classroom/test_wall.py::test_two_of_one_name_are_told_apart_and_a_seat_that_is_damaged_hides_nobody'),
    Mutant('playground/classroom/wall.py', '    except Exception:  # whatever is wrong', '    except OSError:  # whatever is wrong', 'playground/classroom/test_wall.py::test_a_seat_that_breaks_in_an_unexpected_way_hides_nobody'),
    Mutant('playground/classroom/given.py', '    except Exception:  # a check', '    except OSError:  # a check', 'playground/classroom/test_wall.py::test_a_computation_that_breaks_takes_nothing_off_the_projector'),
    Mutant('playground/course/held.py', 'and _has_begun(found := progress(seat))', 'and (found := progress(seat))', 'playground/classroom/test_held.py::test_a_guess_that_is_held_is_kept_and_tells_nothing_until_all_have_guessed'),
    Mutant('playground/course/held.py', 'if seat.name not in away and', 'if', 'playground/classroom/test_held.py::test_nobody_waits_for_who_is_not_here'),
    Mutant('playground/course/held.py', 'return bool(found) and all(', 'return all(', 'playground/classroom/test_held.py::test_before_anybody_began_a_hold_stays'),
    Mutant('playground/course/held.py', 'if state.baseline is not None and is_held(ws, stop, ask):', 'if progress.current == stop and is_held(ws, stop, ask):', 'playground/classroom/test_held.py::test_what_is_held_stays_covered_whatever_stop_is_on'),
    Mutant('playground/course/held.py', 'return was_said(state, ask) or state.done', 'return ask in state.guess', 'playground/classroom/test_held.py::test_who_does_without_or_leaves_the_stop_out_is_not_waited_for'),
    Mutant('playground/classroom/given.py', 'return said if asked.options or NUMBER.fullmatch(said) else OTHER', 'return said', 'playground/classroom/test_wall.py::test_of_answers_that_anybody_may_write_a_class_reads_numbers_alone'),
    Mutant('playground/classroom/leaving.py', 'or max(sizes, default=0) > MOST_BYTES ', '', 'playground/classroom/test_leaving.py::test_an_archive_that_would_fill_the_memory_is_refused'),
    Mutant('playground/classroom/leaving.py', '        on_seat(number, len(found))\n', '', 'playground/test_teacher.py::test_everybody_s_file_is_offered_once_it_is_packed'),
    Mutant('playground/classroom/leaving.py', ' or sum(sizes) > MOST_TOGETHER', '', 'playground/classroom/test_leaving.py::test_an_archive_that_would_fill_the_memory_is_refused'),
    Mutant('playground/classroom/leaving.py', 'if told.get("name") not in (', 'if told.get("name") not in (told.get("name"), ', 'playground/classroom/test_leaving.py::test_a_file_under_another_name_or_of_another_history_is_found_out'),
    Mutant('playground/course/tour.py', 'ws.at(event=head.event) if head else ws', 'ws', 'playground/classroom/test_leaving.py::test_who_has_gone_on_since_has_claimed_nothing_wrong'),
    Mutant('playground/course/tour.py', 'if head and not _stands(ws, head):', 'if False:', 'playground/classroom/test_leaving.py::test_a_file_under_another_name_or_of_another_history_is_found_out'),
    Mutant('playground/course/tour.py', 'and told[name] != noted', 'and name == "status" and told[name] != noted', 'playground/classroom/test_leaving.py::test_whatever_a_file_says_of_a_stop_is_held_against_the_record'),
    Mutant('playground/course/guesses.py', 'if one.is_due(now))', ')', 'playground/course/test_tour.py::test_a_question_of_a_later_day_is_listed_from_that_day_on'),
    Mutant('playground/course/guesses.py', '    if held.is_held(ws, name, asked.id):', '    if False:', 'playground/classroom/test_held.py::test_a_guess_that_is_held_is_kept_and_tells_nothing_until_all_have_guessed'),
    Mutant('playground/course/guesses.py', 'guess=guessed)\n    held.settle(book.room_of(ws.path))', 'guess=guessed)', 'playground/classroom/test_held.py::test_a_guess_that_is_held_is_kept_and_tells_nothing_until_all_have_guessed'),
    Mutant('playground/course/logbook.py', '    with locks.turn(ws.path / ".course.lock", PATIENCE):\n', '    if True:\n', 'playground/course/test_tour.py::test_guesses_made_at_once_are_both_on_record_and_each_once'),
    Mutant('playground/course/tour.py', '    held.settle(book.room_of(ws.path))\n', '', 'playground/classroom/test_together.py::test_a_stop_that_is_left_out_waits_for_nobody'),
    Mutant('playground/course/tour.py', 'if state.baseline is None and not is_open(ws, one.id):', 'if not is_open(ws, one.id):', 'playground/classroom/test_book.py::test_a_stop_that_is_not_open_cannot_be_begun_or_skipped_and_says_who_opens_it'),
    Mutant('playground/course/tour.py', '    with logbook.turn(ws):\n        state = logbook.read(ws)', '    if True:\n        state = logbook.read(ws)', 'playground/course/test_tour.py::test_several_who_begin_a_stop_at_once_begin_it_once'),
    Mutant('playground/ui/kit/stops.py', 'location.place().chapter.partition("-")[0] not in ("", name)', 'False', 'playground/test_teacher.py::test_what_is_held_covers_nothing_in_the_chapter_of_another_stop'),
    Mutant('playground/ui/train/tidy.py', 'if found and not stops.covered("moved") else', 'if found else', 'playground/test_tidy.py::test_the_notebook_is_on_train_while_its_lab_is_on'),
    Mutant('playground/course/labs/copy.py', 'if not one.mended and one.moved)', 'if one.moved)', 'playground/test_tidy.py::test_how_many_numbers_move_is_guessed_before_it_is_run'),
    Mutant('playground/ui/run/parity.py', 'if not found or stops.veiled("parity"):', 'if not found:', 'playground/test_lab_screens.py::test_how_many_rows_are_answered_otherwise_is_covered_until_the_guess'),
    Mutant('playground/ui/kit/proof.py', 'if found is not None and stops.veiled("verdict"):', 'if False:', 'playground/test_lab_screens.py::test_whether_a_number_comes_again_is_covered_until_the_guess'),
    Mutant('playground/ui/kit/proof.py', 'if made.reproduced and stops.covered("verdict"):', 'if False:', 'playground/test_lab_screens.py::test_whether_a_number_comes_again_is_covered_until_the_guess'),
    Mutant('playground/ui/release/forged.py', 'if stops.veiled("forged"):', 'if False:', 'playground/test_lab_screens.py::test_what_gives_a_lie_away_is_asked_before_it_can_be_tried'),
    Mutant('playground/stones.py', 'left = [one for one in undone if is_open(one)] or undone', 'left = undone', 'playground/test_teacher.py::test_a_stop_that_is_left_out_for_everybody_is_passed_over'),
    Mutant('playground/say.py', 'any(course.is_covered(ws, progress, stop, ask.id) for', 'any(False for', 'playground/classroom/test_held.py::test_what_is_held_is_in_no_sentence_to_say'),
    Mutant('playground/ui/kit/shell.py', '    if not teaches:  # whoever teaches', '    if True:  # whoever teaches', 'playground/test_teacher.py::test_who_has_the_key_sees_the_class_and_takes_no_seat'),
    Mutant('playground/ui/kit/classroom.py', 'now.times == session.BROUGHT.get()', 'False', 'playground/test_teacher.py::test_who_is_brought_is_asked_and_goes_there_with_one_click'),
    Mutant('playground/ui/kit/classroom.py', '        session.BROUGHT.set(now.times)\n        return False', '        return False', 'playground/test_teacher.py::test_who_was_there_and_goes_on_is_not_asked_back'),
    Mutant('mlops/production/drift.py', 'and name not in self.new]', 'and name in self.new]', 'production/test_drift.py::test_what_stands_as_in_the_month_before_is_no_news'),
)
# fmt: on


def seen(mutant: Mutant, root: Path) -> bool:
    """Tell whether the test of a mutant fails in a copy of the project with the mistake in it."""
    path = root / mutant.file
    right = path.read_text(encoding="utf-8")
    path.write_text(mutant.text(root), encoding="utf-8")
    try:
        return not passes(mutant.test, root=root)
    finally:
        path.write_text(right, encoding="utf-8")


def passes(*tests: str, root: Path, patience: float = PATIENCE) -> bool:
    """Tell whether tests pass in a copy of the project; if they do not end, they do not."""
    arguments = [*QUICKLY, *(f"tests/{one}" for one in tests)]
    code = warm.run(root, arguments, patience)
    if code not in (0, 1, None):
        raise RuntimeError(f"{', '.join(tests)} could not be run: pytest ended with {code}.")
    return code == 0


def of_this_turn() -> tuple[Mutant, ...]:
    """Return the mutants whose turn it is at this commit; all of them if that is said, or no commit is known."""
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    if os.environ.get("MLOPS_MUTANTS") == "all" or asked.returncode:
        return MUTANTS
    turn = int(asked.stdout, 16) % TURNS
    return tuple(mutant for mutant in MUTANTS if zlib.crc32(mutant.id.encode()) % TURNS == turn)


@contextmanager
def copy() -> Iterator[Path]:
    """Make a copy of the project, without what it has made itself."""
    left_out = shutil.ignore_patterns(".*", "__pycache__", "workspace", "workspaces", "build", "dist", "*.egg-info")
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copytree(ROOT, Path(folder) / "project", ignore=left_out))


def survivors(mutants: Iterable[Mutant], at_once: int = 2) -> Iterator[tuple[Mutant, bool]]:
    """Carry out mutants, some at once, each in the copy of its worker; yield each and whether it survived."""

    def try_all(mine: list[Mutant]) -> list[tuple[Mutant, bool]]:
        with copy() as root:
            return [(mutant, not seen(mutant, root)) for mutant in mine]

    listed = list(mutants)
    with ThreadPoolExecutor(at_once) as workers:
        for done in workers.map(try_all, (listed[start::at_once] for start in range(at_once))):
            yield from done


def main(words: list[str]) -> int:
    """Carry out the mutants with one of these words in file or test, all if none is given; return how many survived."""
    chosen = [one for one in MUTANTS if not words or any(word in f"{one.file} {one.test}" for word in words)]
    alive = [mutant for mutant, survived in survivors(chosen) if survived]
    for mutant in alive:
        print(f"survives {mutant.test}\n    {mutant.id}")
    print(f"{len(chosen) - len(alive)} of {len(chosen)} mutants were seen.")
    return len(alive)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
