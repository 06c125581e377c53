"""What the recruiting platform says of people: taken over whole or not at all, and never before their own words."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest

from core.errors import NotFound, Unusable
from core.participant import ParticipantStatus
from server.commands.demographics import import_demographics, quota_report
from server.commands.export import export
from server.commands.study import check
from server.demographics_file import MOST_BYTES, read_demographics
from server.export.write import Wishes
from server.settings import Settings
from server.storage.database import Database
from server.storage.migrate import migrate
from server.storage.tables import ParticipantRow, ResponseRow, StudyVersionRow
from tests.server.served import rows

HEAD = "Submission id,Participant id,Status,Age,Sex,Ethnicity simplified\n"
PLATFORM = HEAD + (
    "s1,ann-elsewhere,APPROVED,31,Female,White\n"
    "s2,bob-elsewhere,APPROVED,52,Male,DATA_EXPIRED\n"
    "s3,gone-elsewhere,RETURNED,40,Female,Black\n"
    "s4,looked-elsewhere,RETURNED,41,Female,Black\n"
    "s5,nobody-elsewhere,RETURNED,42,Male,Asian\n"
)
STORED = "SELECT participant_id, item, value FROM response WHERE instrument = 'platform' ORDER BY id"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def settings(database_url: str, studies: Path) -> Settings:
    """A study with ann, who has stated her age alone, bob, somebody who has withdrawn, and one who only looked."""
    asyncio.run(_fill(database_url, studies))
    return Settings(database_url=database_url)


async def _fill(url: str, studies: Path) -> None:
    bundle = check(studies / "brief").bundle
    version = StudyVersionRow(hash=bundle.hash, slug="brief", bundle=bundle.model_dump_json(), seed=1, loaded_at=1)
    database = Database(url)
    await migrate(database)
    async with database.writing() as session:
        session.add(version)
        await session.flush()
        for name, status, consented in (
            ("ann", ParticipantStatus.COMPLETE, 5),
            ("bob", ParticipantStatus.ACTIVE, 6),
            ("gone", ParticipantStatus.WITHDRAWN, 7),
            ("looked", ParticipantStatus.ACTIVE, None),
        ):
            person = ParticipantRow(
                id=name,
                slug="brief",
                study_hash=bundle.hash,
                external_id=f"{name}-elsewhere",
                status=status.value,
                entered_at=1,
                consented_at=consented,
                scenario_order='["loss"]',
                condition=None if consented is None else "only",
            )
            session.add(person)
        await session.flush()
        session.add(
            ResponseRow(
                participant_id="ann", step_id="felt_1", instrument="demographics", item="age", value="30", answered_at=9
            )
        )
    await database.close()


async def test_values_are_stored_once_for_those_who_take_part(settings: Settings, tmp_path: Path) -> None:
    """Not for who withdrew, never consented or is unknown; what the platform may not tell is no value."""
    file = write(tmp_path / "prolific.csv", PLATFORM)

    first = await import_demographics(settings, "brief", file)
    again = await import_demographics(settings, "brief", file)

    assert (first.people, first.values, first.elsewhere) == (2, 5, 3)
    assert (again.people, again.values) == (2, 0)
    assert [tuple(row) for row in rows(settings.database_url, STORED)] == [
        ("ann", "age", "31"),
        ("ann", "sex", "female"),
        ("ann", "ethnicity", "white"),
        ("bob", "age", "52"),
        ("bob", "sex", "male"),
    ]


async def test_own_words_stand_before_the_platforms_and_later_ones_before_earlier(
    settings: Settings, tmp_path: Path
) -> None:
    """Ann said 30. Of bob there is only the platform, which has changed its mind; no id of it is in the dataset."""
    await import_demographics(settings, "brief", write(tmp_path / "one.csv", PLATFORM))
    await import_demographics(settings, "brief", write(tmp_path / "two.csv", PLATFORM.replace("52,Male", "53,Male")))
    await export(settings, "brief", tmp_path / "out", wishes=Wishes())

    with (tmp_path / "out" / "participants.csv").open(encoding="utf-8", newline="") as found:
        people = {row["participant_id"]: (row["age"], row["sex"], row["ethnicity"]) for row in csv.DictReader(found)}
    assert people["ann"] == ("30", "female", "white")
    assert people["bob"] == ("53", "male", "")
    assert people["gone"] == ("", "", "")
    assert not [path for path in (tmp_path / "out").iterdir() if b"elsewhere" in path.read_bytes()]


async def test_one_bad_line_and_nothing_is_stored(settings: Settings, tmp_path: Path) -> None:
    """Every fault is told at its line, and no id with it."""
    bad = PLATFORM + "s6,bob-elsewhere,APPROVED,53,Male,White\ns7,x,APPROVED,seven,Elf,White\ns8,,,,,\ns9,y\n"

    with pytest.raises(Unusable) as refusal:
        await import_demographics(settings, "brief", write(tmp_path / "bad.csv", bad))

    assert [line.partition("bad.csv:")[2] for line in refusal.value.message.splitlines()] == [
        "7: the id stands above with other values",
        "8: the age 'seven' is no whole number from 18 to 120",
        "8: the sex 'elf' is none of female, male, other",
        "9: the id is empty or longer than 200 characters",
        "10: 2 cells under 6 headings",
    ]
    assert "elsewhere" not in refusal.value.message
    assert rows(settings.database_url, STORED) == []


async def test_the_quota_report_counts_who_takes_part(settings: Settings, tmp_path: Path) -> None:
    """One woman and one man; ages 30 (her own word) and 52."""
    await import_demographics(settings, "brief", write(tmp_path / "prolific.csv", PLATFORM))
    targets = write(
        tmp_path / "t.csv",
        "variable,value,percent\nsex,female,51\nsex,male,49\nage,18-30,30\nage,31+,70\nethnicity,white,100\n",
    )

    report = await quota_report(settings, "brief", targets, participants=100)

    assert "| sex | female | 51.0 | 50.0 [9.5, 90.5] | 1 | -1.0 | 50 |" in report
    assert "| age | 18-30 | 30.0 | 50.0 [9.5, 90.5] | 1 | +20.0 | 29 |" in report
    assert report.endswith("2 people. Not known: sex 0, age 0, ethnicity 1.")


async def test_a_study_that_is_not_here_gets_nothing(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no study called 'other'"):
        await import_demographics(settings, "other", write(tmp_path / "prolific.csv", PLATFORM))


async def test_quotas_of_a_study_that_is_not_here_are_refused(settings: Settings, tmp_path: Path) -> None:
    """A name mistyped is told as such, and not as a study without participants."""
    targets = write(tmp_path / "t.csv", "variable,value,percent\nsex,female,100\n")
    with pytest.raises(NotFound, match="no study called 'breif' in this database"):
        await quota_report(settings, "breif", targets)


BROKEN = {
    "no ids": ("Age,Sex\n30,Male\n", r":1: needs a column of ids"),
    "nothing to take over": ("Participant id,Status\nx,OK\n", r":1: needs a column of ids .* and one of age, sex"),
    "empty": ("", r":1: needs a column of ids"),
    "a child": ("external_id,Age\nx,17\n", r":2: the age '17' is no whole number from 18 to 120"),
    "an age of 5,000 digits": ("external_id,Age\nx," + "1" * 5_000, r":2: the age '1{60}' is no whole number"),
    "digits of another script": ("external_id,Age\nx,٢٥\n", r":2: the age '٢٥' is no whole number from 18 to 120"),
    "no end of a heading": ("external_id,Age," + "x" * 200_000, r"no CSV \(field larger"),
    "NUL in an id": ("external_id,Age\nx\0y,30\n", r":2: there are characters that nobody sees in: id$"),
    "NUL in an ethnicity": ("external_id,Ethnicity\nx,a\0b\n", r":2: .* nobody sees in: ethnicity$"),
    "colours of a terminal": ("external_id,Age,Sex\nx,\x1b[31m30,\x1b[0mmale\n", r":2: .* nobody sees in: age, sex$"),
    "no end of a cell": ('external_id,Age\nx,"' + "1" * 200_000, r"no CSV \(field larger"),
}


@pytest.mark.parametrize(("text", "complaint"), BROKEN.values(), ids=BROKEN)
def test_files_that_cannot_be_are_refused_in_a_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Unusable, match=complaint) as refusal:
        read_demographics(write(tmp_path / "f.csv", text))

    assert "\n" not in refusal.value.message


def test_a_file_larger_than_any_of_a_platform_is_refused_in_a_line(tmp_path: Path) -> None:
    file = write(tmp_path / "f.csv", "external_id,age\n" + "x,30\n" * (MOST_BYTES // 5))

    with pytest.raises(Unusable, match=r"f\.csv: cannot be read \(it has more than 10,240 KiB\)$"):
        read_demographics(file)


def test_an_id_keeps_its_own_apostrophe_and_loses_ours(tmp_path: Path) -> None:
    """As `identities.csv` marks ids, and as a platform writes them."""
    file = write(tmp_path / "f.csv", "external_id,age\n'tis,30\n'=x,31\n''twas,32\n")

    assert [person.external_id for person in read_demographics(file)] == ["'tis", "=x", "'twas"]


def test_the_eleventh_fault_is_counted(tmp_path: Path) -> None:
    text = "external_id,age\n" + "".join(f"p{n},old\n" for n in range(13))

    with pytest.raises(Unusable) as refusal:
        read_demographics(write(tmp_path / "f.csv", text))

    assert len(refusal.value.message.splitlines()) == 11
    assert refusal.value.message.endswith(": 3 more faults")
