import os
import subprocess
from dataclasses import replace
from pathlib import Path

from lab.record import Record, open_process, own_record, read_record


def test_a_record_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    Record(pid=1, start_ticks=2, port=3).write(tmp_path / "lab.json")
    assert read_record(tmp_path / "lab.json") == Record(pid=1, start_ticks=2, port=3)


def test_no_record_means_no_lab(tmp_path: Path) -> None:
    assert read_record(tmp_path / "lab.json") is None


def test_the_recorded_process_is_found() -> None:
    pidfd = open_process(own_record(port=1))
    assert pidfd is not None
    os.close(pidfd)


def test_another_process_with_the_same_pid_is_not_ours() -> None:
    record = own_record(port=1)
    assert open_process(replace(record, start_ticks=record.start_ticks - 1)) is None


def test_an_ended_process_is_gone_also_while_nobody_has_waited_for_it() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as process:
        ticks = int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19])
        pidfd = os.pidfd_open(process.pid)
        process.kill()
        os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT)
        os.close(pidfd)
        assert open_process(Record(process.pid, ticks, port=1)) is None
