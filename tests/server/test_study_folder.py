"""Reading a study folder: the shipped one loads whole, and every fault planted in a copy is told with file and line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.bundle import StudyBundle
from core.errors import Unusable
from core.located import Faults
from core.study import ConversationStep
from server.media import video_seconds
from server.study_folder import read_study
from server.study_hash import content_hash
from tests.server.small_studies import write_study

SHIPPED = Path(__file__).parents[2] / "studies" / "lend_an_ear"
SCENARIOS = frozenset({"job_loss", "promotion", "undervalued", "cancer", "loss"})
STUDY, SURVEY, FILM = "study.yaml", "surveys/about_you.yaml", "lessons/as_it_feels_now.mp4"

Plant = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped study, as an experimenter would make one; what drew the lessons is left out."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "my_study", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


def change(folder: Path, file: str, old: str, new: str) -> None:
    """Put `new` in the place of the only `old`."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def line_of(folder: Path, file: str, piece: str, *, nth: int = 1) -> int:
    """The number of the nth line that holds `piece`."""
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, start=1) if piece in line][nth - 1]


def read(folder: Path) -> StudyBundle:
    return read_study(folder, scenarios=SCENARIOS)


def told(folder: Path) -> list[tuple[str, int, str]]:
    """File (within the folder), line and message of every fault."""
    with pytest.raises(Faults) as refused:
        read(folder)
    return [(str(Path(f.file).relative_to(folder)), f.line, f.message) for f in refused.value.faults]


# A sound study


def test_the_shipped_study_loads_whole() -> None:
    """Pages, surveys and lessons are all in the bundle; nothing else of the folder is needed."""
    bundle = read(SHIPPED)

    assert bundle.slug == "lend_an_ear"
    assert bundle.definition == (SHIPPED / STUDY).read_text(encoding="utf-8")
    assert {s.file for s in bundle.study.definitions if s.kind in ("page", "end")} == set(bundle.pages)
    assert {s.file for s in bundle.study.definitions if s.kind == "survey"} == set(bundle.surveys)
    assert all(bundle.pages.values()) and all(survey.items for survey in bundle.surveys.values())
    assert set(bundle.lessons) == {"as_it_feels_now", "six_things_to_say"}


def test_lessons_are_told_with_their_own_length_and_address(folder: Path) -> None:
    """The length is the file's, the address bears the folder's name, the transcript is text."""
    for name, lesson in read(folder).lessons.items():
        assert lesson.url == f"/studies/my_study/lessons/{name}.mp4"
        assert lesson.captions_url == f"/studies/my_study/lessons/{name}.vtt"
        assert lesson.transcript == (folder / f"lessons/{name}.md").read_text(encoding="utf-8")
        assert lesson.seconds == video_seconds(folder / f"lessons/{name}.mp4") > 10


def test_a_lesson_may_live_at_an_address(folder: Path) -> None:
    """Then its length is what the study says."""
    change(
        folder,
        STUDY,
        "            file: lessons/as_it_feels_now.mp4\n            captions: lessons/as_it_feels_now.vtt\n",
        "            url: https://example.org/film.mp4\n            seconds: 61.5\n",
    )
    lesson = read(folder).lessons["as_it_feels_now"]

    assert (lesson.url, lesson.seconds, lesson.captions_url) == ("https://example.org/film.mp4", 61.5, None)


def test_a_bundle_comes_back_from_its_stored_form() -> None:
    """What is kept with the data is what was read."""
    bundle = read(SHIPPED)

    assert StudyBundle.model_validate_json(bundle.model_dump_json()) == bundle


# Faults in study.yaml: what was changed, where it is told, what is said


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("title: Lend an Ear", "title: [Lend, an, Ear]", "title: [", "`title` must be text"),
        ("  limit_s: 240", "  limit_s: four minutes", "limit_s:", "`limit_s` must be a number"),
        ("  limit_s: 240", "  limit_s: 0", "limit_s:", "`limit_s`: "),
        ("  min_questions: 1", "  min_questions: 1.5", "min_questions:", "`min_questions`: "),
        ("show_results: true", "show_results: maybe", "show_results:", "`show_results` must be true or false"),
        ("  reveal: sentences", "  reveal: letters", "reveal: letters", "`reveal`: "),
        ("on_withdrawal: erase", "on_withdrawal: burn", "on_withdrawal:", "`on_withdrawal`: "),
        ("  code: LENDANEAR", "  code: A\n  cod: B", "  cod:", "`cod` is not known here"),
        ("  idle_s: 60", "  idle_s: 60\n  idle_ms: 60000", "idle_ms", "`idle_ms` is not known here"),
        ("  idle_s: 60", "  idle_s: 60\n  idle_s: 30", "idle_s: 30", "`idle_s` stands here a second time"),
        ("  - rounds: 3", "  - rounds: 6", "scenarios: [", "`scenarios`: 6 rounds need as many scenarios; 5 are named"),
        ("  block_sizes: [8]", "  block_sizes: [8, 6]", "block_sizes: [8, 6]", "`block_sizes`: a block of 6 cannot"),
        ("  block_sizes: [8]", "  block_sizes: []", "block_sizes: []", "`block_sizes`: "),
        ("    kind: end", "    kind: and", "- id: end", "`kind` of a step must be page, survey"),
        ("    kind: end\n", "", "- id: end", "a step needs a `kind`"),
        ("        kind: coach", "        kind: couch", "- id: coach", "`kind` of a step must be page, survey"),
        ("  - id: debrief", "  - id: de brief", "- id: de brief", "`id`: "),
        ("scenarios: [job_loss,", "scenarios: [loss,", "scenarios: [", "`scenarios`: loss is named twice"),
        ("title: Lend an Ear", "title: Lend: an Ear", "title: Lend:", "not readable as YAML: "),
        ("title: Lend an Ear", "title: 2024-13-45", "title: 2024", "not readable as YAML: "),
        ("  seed: null", "\tseed: null", "\tseed", "not readable as YAML: "),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_told_at_its_line(folder: Path, old: str, new: str, at: str, message: str) -> None:
    """One fault planted, one told, where it stands, in one line."""
    change(folder, STUDY, old, new)
    ((file, line, said),) = told(folder)

    assert (file, line) == (STUDY, line_of(folder, STUDY, at))
    assert said.startswith(message)
    assert "\n" not in said


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("scenarios: [job_loss,", "scenarios: [divorce,", "scenarios: [", "no persona has the scenario 'divorce'"),
        (
            "conditions: [video, ai_coach, combined]",
            "conditions: [video, ai_couch]",
            "ai_couch",
            "'ai_couch' is none of the study's conditions",
        ),
        ("        conditions: [ai_coach, combined]", "        conditions: [none]", "[none]", "'none' is none of the"),
        ("    consent: true\n", "", "- id: consent", "the first step, and no other, must be a page with"),
        ("    consent: true\n", "    consent: false\n", "- id: consent", "the first step, and no other, must be"),
        (
            "  - id: consent\n",
            "  - id: welcome\n    kind: page\n    file: pages/debrief.md\n  - id: consent\n",
            "- id: welcome",
            "the first step, and no other, must be",
        ),
        ("  - id: instructions\n", "  - id: instructions\n    consent: true\n", "- id: consent", "the first step, and"),
        (
            "  - id: final\n",
            "  - id: chat\n    kind: conversation\n  - id: final\n",
            "- id: chat",
            "a conversation belongs inside `rounds`",
        ),
        (
            "  - id: end\n    kind: end\n    file: pages/end.md\n",
            "",
            "- id: debrief",
            "the last step must be of the kind `end`",
        ),
        (
            "  - id: debrief\n",
            "  - id: instructions\n",
            "- id: instructions",
            "two steps have the id 'instructions'",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_told_at_its_line(folder: Path, old: str, new: str, at: str, message: str) -> None:
    """Well-formed and yet no study: told where one would mend it."""
    change(folder, STUDY, old, new)
    ((file, line, said),) = told(folder)

    nth = 2 if "two steps" in message else 1
    assert (file, line) == (STUDY, line_of(folder, STUDY, at, nth=nth))
    assert said.startswith(message)


TALK = "      - id: conversation\n        kind: conversation\n"
AGAIN = "      - id: more\n        kind: conversation\n"


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (
            "          - id: six_things_to_say",
            "          - id: as_it_feels_now",
            "      - id: as_it_feels_now",
            "two videos have the id 'as_it_feels_now'",
        ),
        (
            "        in_rounds: [1, 2]\n        videos",
            "        in_rounds: [4]\n        videos",
            "in_rounds: [4]",
            "there is no round 4 here: the rounds of this block are 1 to 3",
        ),
        ("  - id: final\n", "  - id: final\n    in_rounds: [1]\n", "    in_rounds: [1]", "`in_rounds` means nothing"),
        (TALK, "", "- rounds: 3", "rounds are counted by their conversations"),
        (TALK, "", "- id: coach", "a coach needs a conversation before it"),
        (TALK, TALK + AGAIN, "- id: more", "a round has one conversation, and this is a second"),
        ("    consent: true\n", "    consent: true\n    conditions: [control]\n", "[control]", "everybody is asked"),
        ("  - id: final\n", "  - id: more\n    kind: coach\n  - id: final\n", "- id: more", "a coach belongs inside"),
        ("file: pages/end.md", 'file: "pages/\\0.md"', "file: \"pages/\\0", "'pages/\\x00.md' cannot be the name"),
        ("file: pages/end.md", "file: circle.md", "file: circle.md", "'circle.md' cannot be the name of a file"),
        ("  - id: final\n", "  - id: conversation_2\n", "- id: conversation_2", "'conversation_2' is what a step"),
        (
            "  - id: final\n",
            "  - id: over\n    kind: end\n    file: pages/end.md\n  - id: final\n",
            "- id: over",
            "an `end` can only be the last step",
        ),
        ("file: pages/end.md", "file: pages/end.md\n    conditions: [video]", "[video]", "everybody comes to the end"),
    ],
)  # fmt: skip
def test_what_would_fail_later_is_told_now(folder: Path, old: str, new: str, at: str, message: str) -> None:
    """A study that would strand people, or show them the same partner twice, is refused before anybody comes."""
    (folder / "circle.md").symlink_to(folder / "circle.md")
    change(folder, STUDY, old, new)
    nth = 2 if "two videos" in message else 1

    found = [(file, line) for file, line, said in told(folder) if said.startswith(message)]
    assert found == [(STUDY, line_of(folder, STUDY, at, nth=nth))]


def test_conversations_for_different_conditions_may_share_a_round(folder: Path) -> None:
    """Nobody meets two partners in one round then."""
    shared = TALK + "        conditions: [control]\n" + AGAIN + "        conditions: [video, ai_coach, combined]\n"
    change(folder, STUDY, TALK, shared)

    assert read(folder)


def test_one_film_may_be_shown_in_two_steps(folder: Path) -> None:
    """The same video under the same id is no fault; another film under that id is."""
    film = "{id: same, title: Same, url: https://example.org/film, seconds: 9}"
    again = f"  - id: again\n    kind: video\n    videos: [{film}]\n"
    change(folder, STUDY, "  - id: final\n", again + again.replace("again", "anew") + "  - id: final\n")
    assert read(folder).lessons["same"].seconds == 9
    path = folder / STUDY
    path.write_text(path.read_text(encoding="utf-8")[::-1].replace("seconds: 9"[::-1], "seconds: 8"[::-1], 1)[::-1])

    assert [message for _, _, message in told(folder)] == ["two videos have the id 'same'"]


def test_two_steps_of_one_id_are_told(folder: Path) -> None:
    """Also when one of them stands inside rounds."""
    change(folder, STUDY, "  - id: debrief\n", "  - id: self_assessment\n")

    assert [message for _, _, message in told(folder)] == ["two steps have the id 'self_assessment'"]


# Faults in the other files


def remove(name: str) -> Plant:
    return lambda folder: (folder / name).unlink()


def overwrite(name: str, content: bytes) -> Plant:
    def plant(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return plant


@pytest.mark.parametrize(
    "name",
    [
        "pages/consent.md",
        "pages/instructions.md",
        "pages/debrief.md",
        "pages/end.md",
        "surveys/about_you.yaml",
        "surveys/self_assessment.yaml",
        "surveys/intervention.yaml",
        "lessons/as_it_feels_now.vtt",
        "lessons/as_it_feels_now.md",
    ],
)
def test_missing_file_is_told_where_it_is_named(folder: Path, name: str) -> None:
    """At the line of study.yaml that asks for it, not at a comment about it."""
    (folder / name).unlink()

    assert told(folder) == [(STUDY, line_of(folder, STUDY, f": {name}"), f"the file {name} is missing")]


@pytest.mark.parametrize("name", ["pages/instructions.md", "surveys/about_you.yaml", "lessons/as_it_feels_now.vtt"])
def test_file_that_is_not_utf8_is_told_where_it_is_named(folder: Path, name: str) -> None:
    """Saved by an editor that writes Latin 1."""
    (folder / name).write_bytes("title: café\n".encode("latin-1"))

    assert told(folder) == [(STUDY, line_of(folder, STUDY, f": {name}"), f"the file {name} is not UTF-8 text")]


@pytest.mark.parametrize("name", ["../elsewhere.md", "/etc/hostname", "pages/../../elsewhere.md", "link.md"])
def test_file_outside_the_folder_is_told_where_it_is_named(folder: Path, name: str) -> None:
    """Neither upwards, nor absolute, nor by a link: a copied folder must be whole."""
    (folder.parent / "elsewhere.md").write_text("Secret", encoding="utf-8")
    (folder / "link.md").symlink_to(folder.parent / "elsewhere.md")
    change(folder, STUDY, "file: pages/instructions.md", f"file: {name}")

    ((file, line, message),) = told(folder)
    assert (file, line) == (STUDY, line_of(folder, STUDY, f"file: {name}"))
    assert message == f"the file {name} lies outside the study's folder"


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("      - id: sex\n", "      - id: age\n", "      - id: age", "`id`: two items have the id age"),
        ("      - id: sex\n", "      - id: Sex\n", "      - id: Sex", "`id`: "),
        ("      - id: sex\n", "      - id: sex\n        colour: red\n", "colour", "`colour` is not known here"),
        ("        minimum: 18\n", "        minimum: grown up\n", "minimum", "`minimum` must be a number"),
        ("sections:\n", "sections:\n  - {items: [}\n", "items: [}", "not readable as YAML: "),
    ],
)
def test_fault_in_a_survey_is_told_in_the_survey(folder: Path, old: str, new: str, at: str, message: str) -> None:
    """With the survey's own name and line."""
    change(folder, SURVEY, old, new)
    ((file, line, said),) = told(folder)

    nth = 2 if "two items" in message else 1
    assert (file, line) == (SURVEY, line_of(folder, SURVEY, at, nth=nth))
    assert said.startswith(message)


def test_survey_of_two_steps_is_told_once(folder: Path) -> None:
    """A file that two steps use has its faults once."""
    change(folder, STUDY, "surveys/final.yaml", "surveys/about_you.yaml")
    change(folder, SURVEY, "      - id: sex\n", "      - id: Sex\n")

    assert len(told(folder)) == 1


@pytest.mark.parametrize("content", [b"", b"# later\n"], ids=["no bytes", "comment"])
def test_empty_survey_is_told(folder: Path, content: bytes) -> None:
    """The step could never be shown."""
    (folder / SURVEY).write_bytes(content)

    assert told(folder) == [(SURVEY, 1, "the file is empty")]


@pytest.mark.parametrize("plant", [overwrite(FILM, b"RIFF"), remove(FILM)], ids=["no video", "missing"])
def test_bad_video_is_told(folder: Path, plant: Plant) -> None:
    """A file without a length cannot be a lesson: nobody could tell when it has been watched."""
    plant(folder)
    ((file, _, message),) = told(folder)

    assert file == STUDY
    assert message.startswith("the video lessons/as_it_feels_now.mp4: as_it_feels_now.mp4 ")


def test_bad_video_is_told_where_it_is_named(folder: Path) -> None:
    """At the line that names the file."""
    (folder / "lessons/as_it_feels_now.mp4").write_bytes(b"RIFF")
    ((_, line, _),) = told(folder)

    assert line == line_of(folder, STUDY, "file: lessons/as_it_feels_now.mp4")


# No study, and many faults


def test_folder_without_a_definition_is_no_study(folder: Path) -> None:
    """One sentence that says what a study folder holds."""
    (folder / STUDY).unlink()
    with pytest.raises(Unusable, match=r"my_study: no study here; a study is a folder with a study\.yaml"):
        read(folder)


def test_folder_that_studies_lie_in_names_them(folder: Path) -> None:
    """Who gives the folder above is told what to give."""
    with pytest.raises(Unusable) as refused:
        read(folder.parent)

    assert refused.value.message == f"{folder.parent}: no study here; give one of the studies in it: {folder}"


def test_definition_that_is_not_utf8_is_told_at_its_line(folder: Path) -> None:
    """Saved by an editor that writes Latin 1."""
    (folder / STUDY).write_bytes("# ours\ntitle: café\n".encode("latin-1"))

    assert told(folder) == [(STUDY, 2, "not UTF-8 text: save the file in UTF-8")]


@pytest.mark.parametrize("name", ["my study", "50%", "a#b", "Gefühle", "-x"])
def test_folder_whose_name_would_break_its_links_is_told(tmp_path: Path, name: str) -> None:
    """The name stands in the address that people are given."""
    ((file, _, message),) = told(write_study(tmp_path / name))

    assert file == STUDY
    assert message.startswith(f"the folder's name {name!r} is part of links")


def test_folder_named_as_practising_alone_is_told(tmp_path: Path) -> None:
    """Its address is taken: nobody would ever see the study."""
    ((_, _, message),) = told(write_study(tmp_path / "practice"))

    assert "give the folder another name" in message


@pytest.mark.parametrize("name", ["Listening", "wave-2", "2026_pilot", "v1.1"])
def test_other_names_are_names_of_studies(tmp_path: Path, name: str) -> None:
    """Upper and lower case are told apart, and both may be."""
    assert read(write_study(tmp_path / name)).slug == name


@pytest.mark.parametrize("content", [b"", b"# nothing yet\n"])
def test_empty_definition_is_told(folder: Path, content: bytes) -> None:
    """An empty file is a fault of that file."""
    (folder / STUDY).write_bytes(content)

    assert told(folder) == [(STUDY, 1, "the file is empty")]


def test_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    """What cannot be run, missing files and faults in surveys together, in order of files and lines."""
    change(folder, STUDY, "scenarios: [job_loss,", "scenarios: [divorce,")
    change(folder, STUDY, "    conditions: [video, ai_coach, combined]", "    conditions: [vidoe]")
    change(folder, STUDY, "pages/instructions.md", "../instructions.md")
    change(folder, SURVEY, "      - id: sex\n", "      - id: Sex\n        colour: red\n")
    (folder / "pages/end.md").unlink()
    (folder / "lessons/six_things_to_say.mp4").write_bytes(b"")

    faults = told(folder)

    assert [(file, message.split(" ")[0]) for file, _, message in faults if file == SURVEY] == [
        (SURVEY, "`id`:"),
        (SURVEY, "`colour`"),
    ]
    said = " | ".join(message for file, _, message in faults if file == STUDY)
    for piece in ("'divorce'", "'vidoe'", "../instructions.md", "pages/end.md is missing", "six_things_to_say.mp4"):
        assert piece in said
    assert len(faults) == 7
    assert [(file, line) for file, line, _ in faults] == sorted((file, line) for file, line, _ in faults)


def test_all_that_is_not_well_formed_is_told_at_once(folder: Path) -> None:
    """Before a study can be understood, all its malformed values are told together."""
    change(folder, STUDY, "title: Lend an Ear", "title: 3")
    change(folder, STUDY, "  limit_s: 240", "  limit_s: long")
    change(folder, STUDY, "    kind: end", "    kind: and")
    change(folder, STUDY, "  code: LENDANEAR", "  cod: LENDANEAR")

    assert {line for _, line, _ in told(folder)} == {
        line_of(folder, STUDY, piece) for piece in ("title: 3", "limit_s: long", "- id: end", "completion:", "  cod:")
    }


def test_a_fault_is_a_line_that_an_editor_can_jump_to(folder: Path) -> None:
    """`file:line: message`, the file as it was reached."""
    change(folder, STUDY, "  limit_s: 240", "  limit_s: long")
    with pytest.raises(Faults) as refused:
        read(folder)

    line = line_of(folder, STUDY, "limit_s: long")
    assert str(refused.value) == f"{folder / STUDY}:{line}: `limit_s` must be a number"


# The hash


def test_hash_is_that_of_the_bundle_and_stands_in_any_place(folder: Path, tmp_path: Path) -> None:
    """A copy under another name holds the same study."""
    copy = Path(shutil.copytree(folder, tmp_path / "elsewhere" / "other_name"))

    assert read(folder).hash == content_hash(folder) == content_hash(copy)
    assert len(content_hash(folder)) == 64


def test_hash_changes_with_every_file(folder: Path) -> None:
    """One more byte in any file is another study."""
    before = content_hash(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) > 15
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        assert content_hash(folder) != before, path
        path.write_bytes(content)

    assert content_hash(folder) == before


@pytest.mark.parametrize(
    "plant",
    [
        remove("README.md"),
        overwrite("pages/more.md", b""),
        lambda folder: (folder / "pages/end.md").rename(folder / "pages/fin.md"),
        lambda folder: (folder / "README.md").rename(folder / "pages/README.md"),
    ],
    ids=["less", "more", "renamed", "moved"],
)
def test_hash_changes_with_the_names_of_files(folder: Path, plant: Plant) -> None:
    """A file more or less, or the same file elsewhere, is another study."""
    before = content_hash(folder)
    plant(folder)

    assert content_hash(folder) != before


def test_hash_tells_apart_files_whose_contents_changed_places(folder: Path) -> None:
    """The same bytes under each other's names are not the same study."""
    before = content_hash(folder)
    one, other = folder / "pages/consent.md", folder / "pages/end.md"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)

    assert content_hash(folder) != before


@pytest.mark.parametrize(
    "plant",
    [
        lambda folder: [os.utime(path, (1, 1)) for path in folder.rglob("*")],
        overwrite("study.lock", b"frozen"),
        overwrite(".DS_Store", b"x"),
        lambda folder: (folder / "lessons" / "__pycache__").mkdir(),
        lambda folder: (folder / "empty").mkdir(),
        lambda folder: [path.chmod(0o600) for path in folder.rglob("*.md")],
    ],
    ids=["time stamps", "lock file", "hidden file", "cache", "empty folder", "rights"],
)
def test_hash_does_not_change_with_what_is_no_content(folder: Path, plant: Plant) -> None:
    """Copying, freezing or looking at a study changes nothing of it."""
    before = content_hash(folder)
    plant(folder)

    assert content_hash(folder) == before


def test_conversations_stand_inside_rounds() -> None:
    """The shipped study has its conversation where it belongs: the tests above start from a sound copy."""
    assert [type(step) for step in read(SHIPPED).study.definitions].count(ConversationStep) == 1


def test_a_fault_of_form_does_not_hide_those_of_the_files(folder: Path) -> None:
    """A wrong setting, a missing page and a broken survey are told in one go, each at its line."""
    change(folder, STUDY, "\ncontact:", "\ncontakt:")
    (folder / "pages" / "debrief.md").unlink()
    change(folder, SURVEY, "\nsections:", "\nparts:")

    with pytest.raises(Faults) as refusal:
        read_study(folder, scenarios=SCENARIOS)

    told = str(refusal.value)
    assert f"{STUDY}:{line_of(folder, STUDY, 'contakt:')}: `contakt` is not known here" in told
    assert f"{STUDY}:{line_of(folder, STUDY, 'file: pages/debrief.md')}: the file pages/debrief.md is missing" in told
    assert f"{SURVEY}:{line_of(folder, SURVEY, 'parts:')}: `parts` is not known here" in told
