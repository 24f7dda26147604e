"""structlog without the library that paints tracebacks, which it loads where it finds it: megabytes in each of a dozen processes that paint nothing."""

import sys

_IS_THERE = "rich" in sys.modules
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]

import structlog as structlog  # noqa: E402 - while the other cannot be found

if not _IS_THERE:
    del sys.modules["rich"]
