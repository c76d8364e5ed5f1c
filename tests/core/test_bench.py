"""scripts/bench.py: topics of their own process, skipped with a reason, sections kept."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """The module, its topics looked for in a folder of ours."""
    from scripts import bench

    (tmp_path / "scripts").mkdir()
    for name in ("bench.py", "bench_tools.py"):
        # The copy's own folder is where its children look for topics; core is found by PYTHONPATH.
        (tmp_path / "scripts" / name).write_text((ROOT / "scripts" / name).read_text())
    (tmp_path / "audio2pose_core").symlink_to(ROOT / "audio2pose_core")
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "__file__", str(tmp_path / "scripts" / "bench.py"))
    return bench


def topic(bench, name: str, code: str) -> None:
    (bench.ROOT / "scripts" / f"bench_{name}.py").write_text(code)


def test_rows_come_back_from_a_process_of_their_own(bench):
    topic(
        bench, "keys", "def rows():\n    print('noise')\n    return [('é', '1 s'), ('b', '2 x')]\n"
    )
    assert bench.measure("keys") == [("é", "1 s"), ("b", "2 x")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (None, "no scripts/bench_keys.py"),
        ("import package_that_is_not_there", "package_that_is_not_there"),
        ("def rows():\n    import package_that_is_not_there", "package_that_is_not_there"),
    ],
)
def test_what_is_not_installed_is_skipped_with_the_reason(bench, code, reason):
    if code is not None:
        topic(bench, "keys", code)
    with pytest.raises(bench.Skipped, match=reason):
        bench.measure("keys")


def test_a_topic_that_breaks_is_an_error(bench):
    topic(bench, "keys", "def rows():\n    raise ValueError('a bug')\n")
    with pytest.raises(bench.BenchError, match="a bug"):
        bench.measure("keys")


def test_one_topic_anew_keeps_the_others(bench, tmp_path, capsys):
    topic(bench, "keys", "def rows():\n    return [('new', '3 s')]\n")
    report = tmp_path / "B.md"
    old = {
        bench.TOPICS[t]: bench.section(bench.TOPICS[t], [(t, "1 s")], "old") for t in bench.TOPICS
    }
    report.write_text(bench.merge("# Benchmarks\n\n| a | b |\n", old))
    assert bench.main(["--only", "keys", "--markdown", str(report), "--cores", "99"]) == 0
    text = report.read_text()
    assert "| new | 3 s |" in text and "| keys | 1 s |" not in text
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert titles == list(bench.TOPICS.values())
    assert text.count("# Benchmarks\n") == 1 and "| batch | 1 s |" in text
    assert "3 s" in capsys.readouterr().out


def test_a_skipped_topic_keeps_its_old_figures(bench, tmp_path, capsys):
    report = tmp_path / "B.md"
    title = bench.TOPICS["rigify"]
    report.write_text(bench.merge("", {title: bench.section(title, [("a", "1 s")], "old")}))
    before = report.read_text()
    assert bench.main(["--only", "rigify", "--markdown", str(report), "--cores", "99"]) == 0
    assert "SKIPPED: there is no" in capsys.readouterr().out and report.read_text() == before
