"""Factories that tests name in ``liveviz_executor``."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context


def processes() -> Executor:
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


@contextmanager
def dask() -> Iterator[Executor]:
    """A cluster of its own for each build."""
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster) as client:
        yield client.get_executor()


def wrong() -> str:
    return "no executor"


def failing() -> Executor:
    raise ConnectionError("the cluster is down")
