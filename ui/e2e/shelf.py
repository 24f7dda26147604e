"""Puts five thousand videos on the shelf of one channel of a running studio, so that a browser can be watched while it scrolls through them."""

import sys

from api.stack import Stack
from infra.database import Database
from infra.settings import load_settings

COUNT = 5_000
FILL = """
    insert into videos (id, channel_id, topic, title, format, seconds, provenance, created_at)
    select 'shelf_' || n, %(channel)s, 'topic ' || n, 'Number ' || n || ' of a long shelf', 'landscape', 20 + n %% 600, 'demo', now() - n * interval '1 hour'
    from generate_series(1, %(count)s) n
"""


def main(channel: str) -> None:
    """Fill the shelf of a channel."""
    with Stack(load_settings()) as stack:
        database = Database(stack.urls.database, pool_size=1)
        try:
            with database.unit_of_work() as session:
                session.connection().exec_driver_sql(FILL, {"channel": channel, "count": COUNT})
        finally:
            database.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
