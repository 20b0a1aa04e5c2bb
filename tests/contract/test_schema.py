"""The schema is the contract: whatever is sent, the answer is one the schema declares, and never a 5xx of ours."""

import os
from typing import Any

import pytest
import schemathesis
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from accounts.services import issue_key
from kapture.wsgi import application
from tests.thorough import THOROUGH, some

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Of each operation; still more are asked for beside the suite.
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "10" if THOROUGH else "2"))
# What a vendor that is switched off answers; it is declared, and no fault of the caller or of ours.
VENDOR_CODES = ("SERVICE_UNAVAILABLE", "EXTERNAL_SERVICE_ERROR")

schema = schemathesis.openapi.from_wsgi("/api/schema", application)
operations = [found.ok() for found in schema.get_all_operations()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", some(operations, 6), ids=lambda operation: operation.label)
def test_every_answer_is_declared(operation: Any, alice: User, settings: Any) -> None:
    settings.API_RATE = "1000000/minute"
    headers = {"Authorization": f"Bearer {issue_key(alice, 'contract').secret}", "Accept-Encoding": "identity"}

    @given(case=operation.as_strategy())
    @bounded
    def ask(case: Any) -> None:
        response = case.call(headers=headers)
        if response.status_code in (502, 503) and response.json()["error"]["code"] in VENDOR_CODES:
            return
        case.validate_response(response, checks=CHECKS)

    ask()
    connection.close()


bounded = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_operation_is_named_once() -> None:
    names = [operation["operationId"] for path in schema.raw_schema["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    assert schema.raw_schema["openapi"].startswith("3.1")
