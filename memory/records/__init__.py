"""SQLAlchemy records, one noun a file; importing any of them loads all, so that foreign keys always resolve."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
