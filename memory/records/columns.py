"""Column types that many records share."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, Identity, Text, func, text
from sqlalchemy.orm import mapped_column

Key = Annotated[str, mapped_column(Text, primary_key=True)]
Serial = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
Words = Annotated[str, mapped_column(Text)]
Empty = Annotated[str, mapped_column(Text, server_default=text("''"))]
Created = Annotated[datetime, mapped_column(server_default=func.now())]
Money = Annotated[int, mapped_column(BigInteger)]


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL of a check that `column` holds one of `values`."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"


PROVENANCES = ("real", "demo", "rehearsal", "simulated")
