"""What `make coverage` tells: shares by package and of the whole, and what falls short of its floor."""

from evals.covered import FLOORS, WHOLE, Share, below, shares_of, table_of


def file(lines: int, run: int, branches: int = 0, gone: int = 0) -> dict[str, dict[str, int]]:
    return {"summary": {"num_statements": lines, "covered_lines": run, "num_branches": branches, "covered_branches": gone}}


REPORT = {"files": {"api/app.py": file(90, 80, 10, 5), "api/__init__.py": file(0, 0), "infra/ids.py": file(10, 10)}}


def test_files_are_summed_by_package_and_as_a_whole() -> None:
    api, infra, whole = shares_of(REPORT)
    assert (api.name, api.lines, round(api.of_lines, 3), api.of_branches) == ("api", 90, 0.889, 0.5)
    assert (infra.of_lines, infra.of_branches) == (1.0, 1.0)
    assert (whole.name, whole.of_lines) == (WHOLE, 0.9)
    assert table_of([api, infra, whole]).row_count == 3


def test_what_falls_short_is_named_with_what_is_wanted() -> None:
    assert below(shares_of(REPORT), FLOORS) == ["api: 88.9% of lines, 90% wanted"]
    assert below([Share("api", 10, 9, 0, 0)], FLOORS) == ["whole: 0.0% of lines, 85% wanted"]
    assert below(shares_of({"files": {}}), {WHOLE: 0.85}) == ["whole: 0.0% of lines, 85% wanted"]
