"""Recall: exact, complete, and never across channels, provenances or model versions."""

from collections.abc import Sequence

import numpy as np
import psycopg
import pytest
from sqlalchemy import text

from infra.embedding import Vectors
from infra.errors import Invalid
from memory.artifacts import Provenance
from memory.recall_search import Memory, VectorRecall, recall_by_vector, remember_vector
from memory.repositories.channels import ChannelRepository
from tests.memory.conftest import Studio

RANDOM = np.random.default_rng(7)


def _units(count: int) -> Vectors:
    made = RANDOM.normal(size=(count, 384)).astype(np.float32)
    unit: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


@pytest.fixture
def crowded(studio: Studio) -> Vectors:
    """A channel with 500 topics among 900 of nine other channels; its vectors."""
    ours = _units(500)
    with studio.database.unit_of_work() as session:
        for number in range(9):
            ChannelRepository(session).ensure(f"channel_{number}", "tide_lines", "x")
        rows = [{"c": studio.channel, "r": f"ours_{i}", "v": str(v.tolist())} for i, v in enumerate(ours)]
        rows += [{"c": f"channel_{i % 9}", "r": f"theirs_{i}", "v": str(v.tolist())} for i, v in enumerate(_units(900))]
        statement = "insert into embeddings (kind, ref_id, channel_id, provenance, model, text, vector) values ('topic', :r, :c, 'demo', 'm', :r, :v)"
        session.execute(text(statement), rows)
    return ours


def test_the_ten_nearest_of_a_channel_are_exactly_those_of_brute_force(studio: Studio, crowded: Vectors) -> None:
    halves = crowded.astype(np.float16).astype(np.float64)
    halves /= np.linalg.norm(halves, axis=1, keepdims=True)
    with studio.database.unit_of_work() as session:
        for query in _units(20):
            found = recall_by_vector(session, "topic", query.tolist(), channel_id=studio.channel, provenance=Provenance.DEMO, limit=10, model_version="m")
            cosines = halves @ query
            assert [one.similarity for one in found] == pytest.approx(np.maximum(0, np.sort(cosines)[::-1][:10]), abs=2e-3)
            assert {one.id for one in found} == {f"ours_{index}" for index in np.argsort(cosines)[::-1][:10]}


def test_as_many_as_asked_for_come_back_whenever_that_many_exist(studio: Studio, crowded: Vectors) -> None:
    query = crowded[0].tolist()
    with studio.database.unit_of_work() as session:
        for limit in (1, 10, 100, 500, 900):
            found = recall_by_vector(session, "topic", query, channel_id=studio.channel, provenance=Provenance.DEMO, limit=limit, model_version="m")
            assert len(found) == min(limit, 500)


def test_no_index_can_serve_the_search_so_it_is_always_exact(studio: Studio, crowded: Vectors, admin_database_url: str) -> None:
    with studio.database.unit_of_work() as session:
        before = recall_by_vector(session, "topic", crowded[3].tolist(), channel_id=studio.channel, provenance=Provenance.DEMO, limit=50, model_version="m")
    with psycopg.connect(admin_database_url) as connection:
        connection.execute("create index on embeddings using hnsw (vector halfvec_cosine_ops) with (m = 4, ef_construction = 16)")
    with studio.database.unit_of_work() as session:
        session.execute(text("set local enable_seqscan = off"))
        after = recall_by_vector(session, "topic", crowded[3].tolist(), channel_id=studio.channel, provenance=Provenance.DEMO, limit=50, model_version="m")
    assert [one.id for one in after] == [one.id for one in before]
    assert len(after) == 50


def _fake(texts: Sequence[str]) -> Vectors:
    return np.stack([np.eye(384, dtype=np.float32)[len(one)] for one in texts])


def test_what_is_remembered_stays_in_its_channel_provenance_kind_and_model(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        ChannelRepository(session).ensure("other", "tide_lines", "x")
    demo = VectorRecall(studio.database, studio.channel, Provenance.DEMO, _fake)
    demo.remember("topic", "t1", "tides", studio.video)
    (found,) = demo.topics("tides")
    assert (found.id, found.text, found.video_id) == ("t1", "tides", studio.video)
    assert found.similarity == pytest.approx(1)
    assert demo.scripts("tides") == demo.lessons("tides") == ()
    assert VectorRecall(studio.database, studio.channel, Provenance.REAL, _fake).topics("tides") == ()
    assert VectorRecall(studio.database, "other", Provenance.DEMO, _fake).topics("tides") == ()
    with studio.database.unit_of_work() as session:
        vector = _fake(["tides"])[0].tolist()
        assert recall_by_vector(session, "topic", vector, channel_id=studio.channel, provenance=Provenance.DEMO, model_version="newer") == ()


def test_remembering_the_same_reference_again_replaces_it(studio: Studio) -> None:
    recall = VectorRecall(studio.database, studio.channel, Provenance.DEMO, _fake)
    recall.remember("topic", "t1", "tides")
    recall.remember("topic", "t1", "moonlight")
    assert [one.text for one in recall.topics("moonlight")] == ["moonlight"]
    assert recall.similarities("four", ("five", "three")) == (1.0, 0.0)


@pytest.mark.parametrize("vector", [[0.0] * 384, [1.0] * 383, [float("nan")] * 384, []])
def test_a_vector_that_is_none_is_refused(studio: Studio, vector: list[float]) -> None:
    with studio.database.unit_of_work() as session:
        with pytest.raises(Invalid, match="vector"):
            recall_by_vector(session, "topic", vector, channel_id=studio.channel, provenance=Provenance.DEMO)
        with pytest.raises(Invalid, match="vector"):
            remember_vector(session, Memory("topic", "x", "x", studio.channel, Provenance.DEMO), vector)
