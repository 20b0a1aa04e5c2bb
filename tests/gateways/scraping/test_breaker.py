"""A vendor that keeps failing rests; nothing else is held back."""

import pytest
from pytest_django import Settings

from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.breaker import FAILURES, BreakerState, guarded, reading, reset


def fail() -> None:
    raise VendorFailed("lamp", "down", "The lamp is out.", retryable=True)


def refuse() -> None:
    raise VendorFailed("lamp", "no", "Not for you.")


def rest() -> None:
    for _ in range(FAILURES):
        with pytest.raises(VendorFailed):
            guarded("lamp", fail)


def test_failures_in_a_row_rest_a_vendor_for_every_caller() -> None:
    rest()
    with pytest.raises(Unavailable):
        guarded("lamp", lambda: "light")
    assert reading("lamp").failures == FAILURES
    assert guarded("other", lambda: "light") == "light"


def test_a_success_in_between_begins_the_count_anew() -> None:
    for _ in range(FAILURES - 1):
        with pytest.raises(VendorFailed):
            guarded("lamp", fail)
    assert guarded("lamp", lambda: "light") == "light"
    assert reading("lamp").failures == 0


def test_refusals_and_mistakes_of_our_own_do_not_count() -> None:
    for _ in range(2 * FAILURES):
        with pytest.raises(VendorFailed):
            guarded("lamp", refuse)
        with pytest.raises(ZeroDivisionError):
            guarded("lamp", lambda: 1 // 0)
    assert reading("lamp").state is BreakerState.CLOSED


def test_staff_can_close_it_by_hand() -> None:
    rest()
    reset("lamp")
    assert guarded("lamp", lambda: "light") == "light"


def test_without_redis_nothing_is_held_back(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    rest()
    assert guarded("lamp", lambda: "light") == "light"
    assert reading("lamp").state is BreakerState.CLOSED
