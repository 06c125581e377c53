"""The persona bank: five people, their facts, and complaints that name file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Unusable
from personas.bank import load_bank, load_persona
from personas.persona import Persona, TroubleType
from personas.role_check import check_sentence

SHIPPED = Path(__file__).parents[2] / "personas" / "bank"
BANK = load_bank()


def test_five_scenarios_of_two_kinds_of_trouble() -> None:
    """Three troubles at work and two at home (LE-37)."""
    kinds = {scenario: persona.trouble_type for scenario, persona in BANK.items()}

    assert kinds == {
        "job_loss": TroubleType.WORKPLACE,
        "promotion": TroubleType.WORKPLACE,
        "undervalued": TroubleType.WORKPLACE,
        "cancer": TroubleType.PERSONAL,
        "loss": TroubleType.PERSONAL,
    }


@pytest.mark.parametrize(
    ("scenario", "name", "age", "job", "place", "words"),
    [
        ("job_loss", "Emily", 52, "HR", "not named", ("e-mail", "video call", "résumé", "layoffs", "boss")),
        (
            "promotion",
            "Sophia",
            46,
            "marketing",
            "Chicago",
            ("impostor", "mentors", "junior", "last week", "assertive"),
        ),
        ("undervalued", "Jamal", 34, "software", "Seattle", ("eight months", "bug", "wearables", "race", "coasting")),
        ("cancer", "Rachel", 28, "UX", "New York", ("pancreatic", "stage 3", "virginia", "christmas", "chemotherapy")),
        ("loss", "Dan", 38, "English", "Oklahoma City", ("essays", "funeral", "six years", "son", "hospital")),
    ],
)
def test_facts_of_the_study_are_there(
    scenario: str, name: str, age: int, job: str, place: str, words: tuple[str, ...]
) -> None:
    """Who the five are, and what happened to them, is as in the study (ledger 7.1)."""
    persona = BANK[scenario]
    told = " ".join((*persona.facts, *persona.worries)).casefold()

    assert (persona.name, persona.age) == (name, age)
    assert job in persona.job
    assert place in persona.place
    for word in words:
        assert word in told


def test_openers_are_constant() -> None:
    """A hundred conversations of a scenario open with one line, today's reading of the files and a new one (LE-39)."""
    openers = [{scenario: persona.opener for scenario, persona in load_bank().items()} for _ in range(100)]
    afresh = {scenario: persona.opener for scenario, persona in load_bank(SHIPPED).items()}

    assert all(opener == afresh for opener in openers)
    assert len(set(afresh.values())) == 5


@pytest.mark.parametrize("persona", BANK.values(), ids=BANK)
def test_nothing_a_persona_may_say_leaves_its_role(persona: Persona) -> None:
    """The opener and every line of the file pass the check that models must pass."""
    for line in (persona.opener, *persona.spoken_lines()):
        assert check_sentence(line, persona=persona) == (), line


def test_a_folder_of_ones_own_replaces_the_shipped_bank(tmp_path: Path) -> None:
    """An experimenter's folder with one persona gives a bank of one."""
    (tmp_path / "mine.yaml").write_bytes((SHIPPED / "loss.yaml").read_bytes())

    assert list(load_bank(tmp_path)) == ["loss"]


@pytest.mark.parametrize(
    ("old", "new", "line_of", "complaint"),
    [
        ("age: 38\n", "age: many\n", "age: many", "`age` must be a whole number"),
        ("age: 38\n", "age: 12\n", "age: 12", "`age`"),
        ("age: 38\n", "", None, "`age` is missing"),
        ("name: Dan\n", "name: Dan\nnom: Dan\n", "nom: Dan", "`nom` is not known here"),
        ("name: Dan\n", "name: Dan\nname: Don\n", "name: Don", "a second time"),
        ("trouble_type: personal", "trouble_type: odd", "trouble_type: odd", "workplace"),
        ("  - id: missed_call", "  - id: dad", None, "'dad' occurs twice"),
        ("  - id: fear", "  - id: dread", None, "anybody may ask about fear"),
        ("    depth: 2\n", "    depth: 9\n", "depth: 9", "`depth`"),
        ("I'm barely getting", "Oh. I'm barely getting", "Oh. I'm barely", "one whole sentence"),
        ("id: dan", "id: [dan", None, "not readable as YAML"),
    ],
)
def test_every_fault_names_file_and_line(
    tmp_path: Path, old: str, new: str, line_of: str | None, complaint: str
) -> None:
    """What is wrong in a persona file is said in one line that an editor can jump to."""
    text = (SHIPPED / "loss.yaml").read_text(encoding="utf-8")
    assert old in text
    broken = text.replace(old, new, 1)
    path = tmp_path / "loss.yaml"
    path.write_text(broken, encoding="utf-8")

    with pytest.raises(Unusable) as refusal:
        load_persona(path)

    where, _, said = refusal.value.message.partition(": ")
    file, line = where.rsplit(":", 1)
    assert file == str(path)
    assert complaint in said
    if line_of is not None:
        assert line_of in broken.splitlines()[int(line) - 1]


def test_two_personas_of_one_scenario_are_refused(tmp_path: Path) -> None:
    """A bank answers a scenario with one person, so a second one is a fault."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_bytes((SHIPPED / "loss.yaml").read_bytes())

    with pytest.raises(Unusable, match=r"b\.yaml:1: the scenario 'loss' already has a persona"):
        load_bank(tmp_path)


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    """A bank without personas and a path without a file are each one clear message."""
    with pytest.raises(Unusable, match="no persona files"):
        load_bank(tmp_path)
    with pytest.raises(Unusable, match="cannot be read"):
        load_persona(tmp_path / "nobody.yaml")
