"""The suite's own rules: its budgets fit the limit, lanes run side by side, and a block that proves nothing fails."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from evals.suite import BIN, LIMIT_S, STEPS, Block, budget_of, quick, run

NO_TEST = "def test_nothing(): import pytest; pytest.skip('no data')\n"
ONE_TEST = "def test_one(): assert True\n"


def python(name: str, code: str, budget_s: int = 60) -> Block:
    return Block(name, (sys.executable, "-c", code), budget_s)


def file_of_tests(folder: Path, text: str) -> Block:
    path = folder / "test_it.py"
    path.write_text(text)
    return Block("tests", (str(BIN / "pytest"), "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), "-c", "/dev/null", str(path)), 60, tests=True)


def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def test_the_budgets_fit_twenty_five_minutes() -> None:
    assert LIMIT_S == 1500
    assert budget_of(STEPS) <= LIMIT_S


def test_the_quick_part_holds_the_quick_blocks_and_no_empty_step() -> None:
    every = [block for step in STEPS for lane in step for block in lane]
    assert [block for step in quick(STEPS) for lane in step for block in lane] == [block for block in every if block.quick]
    assert all(lane for step in quick(STEPS) for lane in step)


def test_of_lanes_side_by_side_the_longest_counts() -> None:
    first, second, third = (python(name, "", budget) for name, budget in (("a", 10), ("b", 4), ("c", 5)))
    assert budget_of([((first,), (second, third)), ((third,),)]) == 15


def test_a_failure_stops_nothing_and_is_told_with_its_exit_code() -> None:
    outcomes = run([((python("bad", "raise SystemExit(3)"),),), ((python("good", ""),),)], console())
    assert [(one.block.name, one.failure) for one in outcomes] == [("bad", "exit 3"), ("good", "")]
    assert outcomes[0].told().startswith("failed (exit 3)")


def test_a_block_over_its_budget_says_so_and_does_not_fail() -> None:
    (outcome,) = run([((python("late", "", budget_s=0),),)], console())
    assert outcome.failure == ""
    assert "OVER BUDGET" in outcome.told()


def test_lanes_meet_each_other_and_show_their_output_in_one_piece(tmp_path: Path) -> None:
    # Each waits for the other's file: one after the other, neither would end.
    meet = "\n".join(
        (
            "import pathlib, sys, time",
            "pathlib.Path(sys.argv[1]).touch()",
            "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.01)",
            "print('met', sys.argv[1])",
        )
    )
    left, right = str(tmp_path / "left"), str(tmp_path / "right")
    blocks = [Block(name, (sys.executable, "-c", meet, *paths), 60) for name, paths in (("l", (left, right)), ("r", (right, left)))]
    shown = console()
    outcomes = run([((blocks[0],), (blocks[1],))], shown)
    assert [one.failure for one in outcomes] == ["", ""]
    assert isinstance(shown.file, io.StringIO)
    assert shown.file.getvalue().count("met ") == 2


@pytest.mark.parametrize(("text", "failure", "counts"), [(ONE_TEST, "", "1 tests"), (NO_TEST, "ran no test", "0 tests, 1 skipped")])
def test_pytest_that_ran_no_test_fails(tmp_path: Path, text: str, failure: str, counts: str) -> None:
    (outcome,) = run([((file_of_tests(tmp_path, text),),)], console())
    assert (outcome.failure, outcome.counts) == (failure, counts)
