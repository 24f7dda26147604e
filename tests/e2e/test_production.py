"""The main job, whole: the real command makes real videos from the demo corpus and from real articles."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.stack import Stack
from infra.processes import environment
from infra.settings import CHECKOUT, Settings
from tests.fixtures.starter_corpus import corpus_folder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
COMMAND = Path(sys.executable).parent / "ytempire"
FIELDS = {
    "run_id", "status", "title", "topic", "out_dir", "video", "thumbnail", "captions", "duration_s", "width", "height", "cost_usd", "sources", "gates",
    "timings_s", "provenance",
}  # fmt: skip
FILES = {"video.mp4", "captions.srt", "captions.vtt", "thumbnail.jpg", "metadata.json", "sources.json", "decisions.json", "run.json"}


class Studio:
    """A home and the real command in it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str) -> dict[str, Any]:
        """Run a verb with `--json` and return its object."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a verb, offline."""
        env = environment(YTEMPIRE_HOME=str(self.home), YTEMPIRE_NETWORK="off")
        return subprocess.run([COMMAND, *arguments], cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=600, check=False)

    def entries(self) -> list[Path]:
        """Return the entries of the library."""
        return sorted((self.home / "library").glob("*/*--*"))


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One home for the whole module, with a space in its path."""
    folder = tmp_path_factory.mktemp("a studio")
    yield Studio(folder / "my home")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def made(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The first video: nothing was asked for but a length and a folder, and nothing was there or ran before."""
    return studio("produce", "--seconds", "20", "--out", str(tmp_path_factory.mktemp("the files")))


@pytest.fixture(scope="module")
def running(studio: Studio, made: dict[str, Any]) -> Iterator[Studio]:
    """The same home with its stack kept up, which every further command joins: what a command does when it starts one, the first video has shown."""
    assert made["run_id"]
    with Stack(Settings(_env_file=None, home=studio.home, network="off", workers_io=2)):
        yield studio


def body(made: dict[str, Any], name: str) -> Any:
    return json.loads((Path(made["out_dir"]) / name).read_text("utf-8"))


def gate(made: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in made["gates"] if name in one["name"])


def test_produce_tells_everything_about_a_published_demo(made: dict[str, Any]) -> None:
    assert set(made) >= FIELDS
    assert (made["status"], made["provenance"], made["cost_usd"]) == ("published", "demo", 0.0)
    assert (made["width"], made["height"]) == (1920, 1080)
    assert 10 <= made["duration_s"] <= 30
    assert made["title"]
    assert made["sources"]
    assert {"write", "narrate", "illustrate", "render", "inspect", "publish", "total"} <= set(made["timings_s"])


def test_the_folder_holds_every_file_a_stranger_looks_for(made: dict[str, Any]) -> None:
    folder = Path(made["out_dir"])
    present = {path.name for path in folder.iterdir()}
    assert present >= FILES | {"thumbnail-1.jpg", "thumbnail-2.jpg", "thumbnail-3.jpg"}
    assert not [name for name in present if name.startswith(".")]
    assert (folder / "video.mp4").stat().st_size > 200_000
    assert (folder / "captions.vtt").read_text("utf-8").startswith("WEBVTT")
    assert body(made, "run.json")["run_id"] == made["run_id"]
    assert all(made[name].startswith(str(folder)) for name in ("video", "thumbnail", "captions"))


def test_every_gate_passed_with_the_loudness_and_peak_of_a_platform(made: dict[str, Any]) -> None:
    assert [one for one in made["gates"] if not one["passed"] and one["severity"] == "block"] == []
    assert -15.0 <= float(gate(made, "loudness")["measured"].split()[0]) <= -13.0
    assert float(gate(made, "true_peak")["measured"].split()[0]) <= -1.0


def test_every_fact_cites_the_passages_that_support_it(made: dict[str, Any]) -> None:
    document = body(made, "sources.json")
    assert document["provenance"] == "demo"
    stated = [sentence for sentence in document["sentences"] if sentence["role"] in {"hook", "fact", "quote"}]
    assert stated
    for sentence in stated:
        assert sentence["passages"], sentence["text"]
        assert all(passage["url"].startswith("http") and passage["licence"] for passage in sentence["passages"])


def test_a_demo_says_so_where_viewers_read_it(made: dict[str, Any]) -> None:
    listing = body(made, "metadata.json")
    assert "demo" in listing["description"].lower()
    assert listing["contains_synthetic_media"] is True


def test_each_agent_says_what_it_decided_and_why(made: dict[str, Any]) -> None:
    decisions = body(made, "decisions.json")
    assert {"trend_scout", "scriptwriter", "voice_director", "thumbnail_designer", "crisis_monitor", "publisher"} <= {one["agent"] for one in decisions}
    assert all(one["question"] and one["choice"] for one in decisions)


def test_the_run_did_each_job_once_and_published_once(running: Studio, made: dict[str, Any]) -> None:
    record = running("runs", "show", made["run_id"])
    assert record["provenance"] == "demo"
    assert [job for job in record["jobs"] if job["completions"] > 1] == []
    assert {job["tool"] for job in record["jobs"]} >= {"write_text", "synthesize_speech", "render_video", "inspect_media", "publish_to_library"}
    assert [one["state"] for one in record["publications"]] == ["verified"]
    entries = [entry for entry in running.entries() if (entry / "index.html").is_file() or list(entry.glob("*.html"))]
    assert len(entries) == 1
    assert [row["title"] for row in running("runs")["runs"]] == [made["title"]]


def test_a_second_video_of_the_same_home_is_about_something_else_and_fits_a_phone(running: Studio, made: dict[str, Any]) -> None:
    second = running("produce", "--seconds", "15", "--format", "short")
    assert (second["status"], second["width"], second["height"]) == ("published", 1080, 1920)
    assert second["topic"] != made["topic"]
    assert len(running.entries()) == 2


def test_verbs_that_name_no_run_or_a_finished_one_say_so(running: Studio, made: dict[str, Any]) -> None:
    for arguments, said in (
        (("runs", "show", "run_of_nothing"), "does not exist"),
        (("approve", "run_of_nothing", "--accept"), "does not exist"),
        (("approve", made["run_id"], "--accept"), "waits for nobody (it is published)"),
        (("resume", made["run_id"]), "has ended (published)"),
    ):
        done = running.run(*arguments, "--json")
        assert done.returncode == 2, done.stderr
        assert said in json.loads(done.stdout)["error"]["message"]


def write_articles(folder: Path, *wanted: str) -> Path:
    """Write documents of the real corpus as Markdown with front matter, as a user would have them; nothing of it is kept."""
    folder.mkdir()
    for name in ("articles", "companions"):
        with gzip.open(corpus_folder() / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for row in (json.loads(line) for line in lines):
                if row["id"] in wanted:
                    names = {"title": "title", "publisher": "publisher", "author": "author", "date": "published", "url": "url", "license": "license"}
                    head = "\n".join(f"{name}: {json.dumps(row[key])}" for name, key in names.items() if row.get(key))
                    (folder / f"{row['id']}.md").write_text(f"---\n{head}\n---\n\n{row['text']}\n", "utf-8")
    return folder


@pytest.mark.data
def test_a_news_story_becomes_a_real_video_that_credits_its_source(running: Studio, tmp_path: Path) -> None:
    news = "voa-7872624"
    told = running("produce", "--seconds", "15", "--from", str(write_articles(tmp_path / "news", news) / f"{news}.md"))
    assert (told["status"], told["provenance"]) == ("published", "real")
    document = body(told, "sources.json")
    assert all(sentence["passages"] for sentence in document["sentences"] if sentence["role"] in {"fact", "quote"})
    assert document["documents"][0]["credit"]
    assert "demo" not in body(told, "metadata.json")["description"].lower().split()


@pytest.mark.data
def test_a_picture_story_shows_the_pictures_that_lie_beside_it(running: Studio, tmp_path: Path) -> None:
    pages = ("nasa-earth-092", "nasa-earth-110", "nasa-earth-114")
    folder = write_articles(tmp_path / "pages", *pages)
    pictures = corpus_folder() / "pictures"
    known = [entry for entry in json.loads((pictures / "credits.json").read_text("utf-8")) if entry["id"] in pages]
    for entry in known:
        shutil.copy(pictures / entry["file"], folder)
    (folder / "credits.json").write_text(json.dumps(known), "utf-8")
    told = running("produce", "--seconds", "20", "--from", str(folder))
    assert told["status"] == "published"
    seen = [one for one in body(told, "decisions.json") if one["question"].startswith("What is seen") and "picture" in one["choice"]]
    assert seen
    assert any("NASA" in credit for credit in body(told, "sources.json")["credits"])


@pytest.fixture(scope="module")
def country(running: Studio, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A video about a country from two publishers that disagree."""
    folder = write_articles(tmp_path_factory.mktemp("atlas") / "country", "cia-ke", "wp-kenya")
    return running("produce", "--seconds", "20", "--from", str(folder), "--topic", "Kenya")


@pytest.mark.data
def test_a_country_told_by_two_publishers_becomes_a_real_video_that_knows_both(country: dict[str, Any]) -> None:
    assert (country["status"], country["provenance"]) == ("published", "real")
    document = body(country, "sources.json")
    assert {one["publisher"] for one in document["documents"]} == {"CIA World Factbook", "Wikipedia (English)"}
    assert document["licence_of_the_script"]["licence"]


@pytest.mark.data
def test_a_country_told_by_two_publishers_that_disagree_names_the_conflict(country: dict[str, Any]) -> None:
    conflicts = [one for one in body(country, "decisions.json") if "disagree" in one["question"]]
    assert conflicts
    assert all(one["alternatives"] and one["reasons"] for one in conflicts)
