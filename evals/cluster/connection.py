"""Connects to the scheduler of a Dask cluster."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from evals.harness.errors import ExperimentError

try:
    from distributed import Client, Security
except ImportError:
    raise ExperimentError(
        "--cluster needs the package distributed: pip install -e '.[cluster]' in the checkout"
    ) from None

PATIENCE = 10.0
"""Seconds that a scheduler has to answer."""


@asynccontextmanager
async def connect(cluster: str) -> AsyncIterator[Client]:
    """A client of the scheduler at this address or in this file.

    Raises ExperimentError when the scheduler does not answer.
    """
    for name in ("distributed", "distributed.client"):
        # The program says what matters in one line of its own.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    address = _read_address(cluster)
    security = Security()
    if address.startswith("tls:") and security.get_connection_args("client")["ssl_context"] is None:
        raise ExperimentError(
            f"--cluster {cluster}: TLS needs certificates: "
            "see distributed.comm.tls in Dask's settings"
        )
    try:
        client = await Client(
            address, security=security, asynchronous=True, timeout=PATIENCE, set_as_default=False
        )
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())
        raise ExperimentError(
            f"--cluster {cluster}: no scheduler answers there in {PATIENCE:g} s ({why})"
        ) from None
    try:
        yield client
    finally:
        await client.close()


def _read_address(cluster: str) -> str:
    """The address of a scheduler, as given or in the file that a scheduler wrote."""
    if Path(cluster).is_file():
        try:
            return str(json.loads(Path(cluster).read_text())["address"])
        except (OSError, ValueError, KeyError, TypeError):
            raise ExperimentError(
                f"--cluster {cluster}: not a file that a scheduler wrote"
            ) from None
    if ":" not in cluster:
        raise ExperimentError(
            f"--cluster {cluster}: neither the address of a scheduler nor a file of one"
        )
    return cluster


async def count_threads(client: Client) -> list[int]:
    """How many tasks each worker takes at once. Raises ExperimentError where there is no worker."""
    found: dict[str, int] = await client.nthreads()
    if not found:
        raise ExperimentError(
            f"the scheduler at {client.scheduler.address} has no worker: "
            "start some with `dask worker`"
        )
    return list(found.values())
