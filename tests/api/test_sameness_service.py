"""How near a channel comes to the others over HTTP: of what was measured, and of the channels as they are now."""

from memory.repositories.channels import ChannelRepository
from memory.repositories.fingerprints import FingerprintRepository
from tests.api.test_analytics_service import publish
from tests.fixtures.service import Service


async def test_a_channel_is_told_which_other_it_comes_nearest_to(service: Service) -> None:
    alone = "/v1/channels/pulse/sameness"
    assert (await service.client.get(alone)).status_code == 404
    run = publish(service)
    told = (await service.client.get(alone)).json()
    assert (told["nearest"], told["measures"], told["checks"]) == (None, [], 0)
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure("lab-bench", "lab-bench", "Lab Bench")
        run = str(session.connection().exec_driver_sql("select id from runs").scalar_one())
        measure = {"name": "wording across channels", "value": 0.57, "limit": 0.6, "nearest": "Sleep", "nearest_run": "r", "nearest_channel": "lab-bench"}
        own = {"name": "wording", "value": 0.1, "limit": 0.35, "nearest": "Heart", "nearest_run": "s", "nearest_channel": "pulse"}
        FingerprintRepository(session).record_check(run, "script", 0, "real", {"passed": True, "measures": [own, measure], "reasons": []})
        FingerprintRepository(session).record_check(run, "script", 1, "real", {"passed": True, "measures": [{**measure, "value": 0.2}], "reasons": []})
    told = (await service.client.get(alone)).json()
    found = {(one["measure"], one["to"]): one for one in told["measures"]}
    assert set(found) == {("presence", "others"), ("wording", "others"), ("wording", "own")}
    assert (found["presence", "others"]["channel"], found["presence", "others"]["limit"]) == ("lab-bench", 0.9)
    assert 0 < found["presence", "others"]["value"] < 0.9
    assert (told["nearest"]["measure"], told["nearest"]["title"], told["nearest"]["share"]) == ("wording", "Sleep", 0.95)
    assert (told["checks"], told["provenance"]) == (2, "real")
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get(alone)).status_code == 404
