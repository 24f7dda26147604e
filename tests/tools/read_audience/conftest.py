"""The publisher's rig, with the clock at the present: publications are dated by the database."""

import pytest

from infra.clock import SYSTEM_CLOCK
from tests.tools.upload_video.conftest import Rig
from tests.tools.upload_video.conftest import rig as publishing_rig

__all__ = ["publishing_rig"]


@pytest.fixture
def rig(publishing_rig: Rig) -> Rig:
    """A studio with one connected channel, `tides`, today."""
    publishing_rig.clock.at = SYSTEM_CLOCK.now()
    return publishing_rig
