"""What happens between processes: a killed writer, a second writer, readers beside a writer."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import timedelta

import pytest

from schemas.errors import LeaseHeld
from tests.warehouse.child import COMMITS, child
from tests.warehouse.conftest import RESOURCES
from tests.warehouse.rows import ingested
from warehouse.connection import open_reader
from warehouse.lease import current_holder, writer_lease
from warehouse.location import Location
from warehouse.maintenance import maintain
from warehouse.status import check_files
from warehouse.writer import open_writer

CATALOGS = ("sqlite", "postgres")


def test_a_writer_killed_in_the_middle_of_a_commit_leaves_the_last_snapshot_and_no_lock(location: Location) -> None:
    with child("hold", location, until="written") as process:
        # While its transaction is open: readers see the snapshot before, another writer is told who writes.
        with open_reader(location, RESOURCES) as reader:
            assert reader.value("SELECT count(*) FROM articles") == 1
        with pytest.raises(LeaseHeld, match=f"run run-child .process {process.pid} ") as held:
            open_writer(location, "run-2", RESOURCES)
        assert f"kill {process.pid}" in held.value.hint
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with open_writer(location, "run-2", RESOURCES) as writer, open_reader(location, RESOURCES) as reader:
        assert reader.value("SELECT count(*) FROM articles") == 1
        assert reader.value("SELECT count(*) FROM stage_ledger") == 1
        assert reader.value("SELECT max(snapshot_id) FROM runs") == 2
        assert writer.commit(ingested("after")) == 3
        assert reader.value("SELECT count(*) FROM articles") == 2
        assert reader.query("SELECT * FROM raw_documents").num_rows == 2


@pytest.mark.parametrize("moment", [0.05, 0.4])
def test_maintenance_killed_at_any_moment_leaves_every_row_and_goes_on(location: Location, moment: float) -> None:
    with child("maintain", location, until="committed") as process:
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    maintain(location, "run-m", keep=timedelta(0), file_grace=timedelta(0), resources=RESOURCES)
    with open_reader(location, RESOURCES) as reader:
        check_files(reader)
        row = reader.query("SELECT count(*) AS n, count(DISTINCT article_id) AS d FROM articles").to_pylist()[0]
        assert row["n"] == row["d"] >= 3
        assert reader.value("SELECT count(*) FROM stage_ledger") == row["n"]


def test_a_reader_beside_a_writer_is_never_locked_out_and_sees_whole_commits(location: Location) -> None:
    seen = set()
    with child("commit", location, until="open") as process, open_reader(location, RESOURCES) as reader:
        while process.poll() is None:
            rows = reader.query(
                "SELECT (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM stage_ledger) AS ledger, "
                "(SELECT count(DISTINCT text) FROM articles) AS texts"
            ).to_pylist()[0]
            assert rows["articles"] == rows["ledger"] == rows["texts"]
            seen.add(rows["articles"])
        assert process.returncode == 0
        assert reader.value("SELECT count(*) FROM articles") == 3 * COMMITS
    assert all(count % 3 == 0 for count in seen)


def test_a_waiting_writer_gets_the_lease_when_it_is_free(location: Location) -> None:
    entered, leave = threading.Event(), threading.Event()

    def first() -> None:
        with writer_lease(location, "run-1"):
            entered.set()
            leave.wait(30)

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait(30)
    with pytest.raises(LeaseHeld), writer_lease(location, "run-2", wait_seconds=0.1):
        pass
    threading.Timer(0.2, leave.set).start()
    with writer_lease(location, "run-2", wait_seconds=30) as lease:
        assert current_holder(location) == lease.holder
    thread.join()
    assert current_holder(location) is None
