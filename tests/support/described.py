"""What the services say of their APIs, without a server: nothing of it needs the database."""

import importlib
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.core.settings import load
from shared.service import Service
from shared.signing import cli as keys_cli
from shared.web import create_app


@cache
def described(name: str) -> Mapping[str, Any]:
    """The openapi.json of a service."""
    service: Service = importlib.import_module(f"services.{name}.app").service
    with TemporaryDirectory() as folder:
        keys_cli.init(Path(folder), False, datetime(2020, 1, 1, tzinfo=UTC))
        settings = load(
            name,
            {
                "NILAI_MODE": "test",
                "MONGO_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100",
                "NILAI_KEYS": folder,
                "OIDC_ISSUER": "http://127.0.0.1:9",
            },
        )
        with closing(service.store(settings)) as store:
            app = create_app(name, settings, store, service.blueprints(settings, store))
            found: Mapping[str, Any] | None = app.test_client().get(f"/{name}/api/v1/openapi.json").json
    assert found is not None
    return found
