"""The command line: each command calls one function, and every expected fault is one line on standard error.

Commands import what they need when they run, so that each of them starts quickly.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.count import counted
from core.errors import LendanearError
from server.cli_judging import judging_app
from server.cli_options import DatabaseOption, PlanOption, wrong_usage
from server.settings import Settings, read_settings

INTERRUPTED = 130

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
study_app = typer.Typer(no_args_is_help=True, help="Check, freeze and preregister study folders, and plan their size.")
user_app = typer.Typer(no_args_is_help=True, help="Accounts for the desk.")
app.add_typer(study_app, name="study")
app.add_typer(user_app, name="user")
app.add_typer(judging_app)


@app.callback()
def lendanear() -> None:
    """Practise making others feel heard: serve studies, run pilots, judge transcripts, analyse data."""


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    database: DatabaseOption = None,
    studies: Annotated[Path | None, typer.Option(help="Folder of studies, or one study.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one needs PostgreSQL.")] = 1,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
) -> None:
    """Migrate the database, load the studies, and serve."""
    from server.serve import serve as run

    settings = read_settings(database_url=database, studies=studies)
    if workers > 1 and _is_sqlite(settings):
        wrong_usage("SQLite serves one process; for more workers use --database postgresql://…")
    run(settings, host=host, port=port, workers=workers, browser=browser and sys.stdout.isatty())


@app.command()
def worker(database: DatabaseOption = None) -> None:
    """Run jobs alone, on PostgreSQL."""
    from server.serve import work as run

    settings = read_settings(database_url=database)
    if _is_sqlite(settings):
        wrong_usage("a worker needs PostgreSQL: on SQLite the server does the jobs itself")
    run(settings)


@study_app.command("check")
def study_check(path: Path) -> None:
    """Validate a study folder: every fault with its file and line."""
    from server.commands.study import check, check_unchanged

    checked = check(path)
    for remark in checked.remarks:
        print(remark, file=sys.stderr)
    check_unchanged(path)
    bundle, study = checked.bundle, checked.bundle.study
    for step, stimuli in bundle.stimuli.items():
        judged = counted(len(stimuli.transcripts), "conversation")
        print(f"{step}: {counted(len(stimuli.sequences), 'sequence')} of {judged} to judge")
    rounds, conditions = counted(study.rounds, "round"), counted(len(study.conditions), "condition")
    print(f"{bundle.slug}: {rounds}, {conditions}, hash {bundle.hash[:12]}")


@study_app.command("freeze")
def study_freeze(
    path: Path,
    again: Annotated[bool, typer.Option("--again", help="Although it changed; the lock keeps the old hash.")] = False,
) -> None:
    """Write the lock file with the study's content hash."""
    from server.commands.study import freeze

    print(freeze(path, again=again))


@study_app.command("preregister")
def study_preregister(
    path: Path,
    out: Annotated[Path, typer.Option(help="Folder for the text and the frozen file.")],
) -> None:
    """Write the preregistration from the same file that `analyze --plan` fits."""
    from server.commands.preregister import on_left_open, preregister

    written = preregister(path, out)
    if warning := on_left_open(written):
        print(warning, file=sys.stderr)
    print(f"The preregistration: {written}. Later: lendanear analyze DIR --plan {written.with_name('study.yaml')}")


@study_app.command("power")
def study_power(
    path: Path,
    effect: Annotated[list[str] | None, typer.Option(help="KEY=POINTS: treatment, dimension or both.")] = None,
    participants: Annotated[int | None, typer.Option(min=1, help="Recruited, over all conditions.")] = None,
    reliability: Annotated[float | None, typer.Option(min=0, max=0.999, help="Of one conversation.")] = None,
    judge_noise: Annotated[float, typer.Option(min=0, help="SD of further error in a rating, in points.")] = 0.0,
    repeats: Annotated[int, typer.Option(min=1, help="Ratings averaged per conversation.")] = 1,
    dropout: Annotated[float | None, typer.Option(min=0, max=0.99, help="Share left out.")] = None,
    over: Annotated[str | None, typer.Option(help="Axis of the curve, e.g. reliability=0.4,0.6,0.8")] = None,
    simulations: Annotated[int, typer.Option(min=1, help="Simulated studies per point, in fifties.")] = 1000,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    out: Annotated[Path, typer.Option(help="Folder for table, figure and what is done so far.")] = Path("power"),
) -> None:
    """Find the power of the preregistered model by simulation; goes on where it was stopped."""
    from server.commands.power import PowerWishes, power

    wishes = PowerWishes(
        effects=effect or (),
        participants=participants,
        reliability=reliability,
        judge_noise=judge_noise,
        repeats=repeats,
        dropout=dropout,
        over=over,
        simulations=simulations,
        seed=seed,
    )
    done = power(path, out, wishes)
    print(f"{done.table}\n\nThe curve: {done.folder / 'power.png'}")


@app.command()
def pilot(
    slug: str,
    participants: Annotated[int, typer.Option(min=1)],
    seed: int = 1,
    url: Annotated[str | None, typer.Option(help="A server that runs already.")] = None,
    studies: Annotated[Path | None, typer.Option(help="Folder of studies, or one study; not with --url.")] = None,
    out: Path = Path("pilot"),
) -> None:
    """Let simulated participants walk a study; without --url on a server of its own, to the report."""
    from server.pilot.run import pilot as run

    if url is not None and studies is not None:
        wrong_usage("--studies is for a server of the pilot's own; the one at --url has its studies")
    settings = read_settings(studies=studies)
    done = asyncio.run(run(slug, participants=participants, seed=seed, url=url, out=out, settings=settings))
    print(f"{counted(done.participants, 'simulated participant')} reached the end.")
    if done.report is not None:
        print(f"The report: {done.report}")


@app.command()
def demographics(
    slug: str,
    file: Annotated[Path, typer.Argument(help="The recruiting platform's CSV: ids, age, sex, ethnicity.")],
    database: DatabaseOption = None,
) -> None:
    """Store what the recruiting platform says of a study's participants, found by their external ids."""
    from server.commands.demographics import import_demographics as run

    done = asyncio.run(run(read_settings(database_url=database), slug, file))
    values, people = counted(done.values, "new value"), counted(done.people, "participant")
    print(f"{values} of {people}; not in {slug}: {counted(done.elsewhere, 'person', 'people')}.")


@app.command()
def quotas(
    slug: str,
    targets: Annotated[Path, typer.Option(help="CSV with variable, value and percent.")],
    participants: Annotated[int | None, typer.Option(min=1, help="How many are to be recruited.")] = None,
    pilots: Annotated[bool, typer.Option("--pilots", help="Count pilots as well.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Show age, sex and ethnicity of a study's participants beside the targets of recruiting."""
    from server.commands.demographics import quota_report as run

    print(
        asyncio.run(run(read_settings(database_url=database), slug, targets, participants=participants, pilots=pilots))
    )


@app.command()
def export(
    slug: str,
    out: Annotated[Path, typer.Option()],
    anonymous: Annotated[bool, typer.Option("--anonymous", help="New ids, relative times.")] = False,
    with_identities: Annotated[bool, typer.Option("--with-identities", help="identities.csv apart.")] = False,
    form: Annotated[str, typer.Option("--format", help="csv or parquet")] = "csv",
    database: DatabaseOption = None,
) -> None:
    """Write the dataset of a study, also while it runs."""
    from server.commands.export import export as run
    from server.export.write import Format, Wishes

    if form not in tuple(Format):
        wrong_usage(f"--format must be csv or parquet, not {form!r}")
    wishes = Wishes(format=Format(form), anonymous=anonymous, with_identities=with_identities)
    done = asyncio.run(run(read_settings(database_url=database), slug, out, wishes=wishes))
    if done.warning:
        print(done.warning, file=sys.stderr)
    people, messages = counted(done.counts["participants"], "participant"), counted(done.counts["messages"], "message")
    print(f"{people}, {messages} in {done.folder}.")
    if done.faults:
        sys.exit("\n".join(done.faults))


@app.command()
def analyze(
    dataset: Annotated[Path, typer.Argument(metavar="DIR")],
    out: Annotated[Path, typer.Option()],
    plan: PlanOption = None,
    pilots: Annotated[bool, typer.Option("--pilots", help="Count pilots as well.")] = False,
    judge_model: Annotated[str | None, typer.Option(help="Which judge's scores to take.")] = None,
) -> None:
    """Fit the preregistered models on a dataset folder: results, tables, figures and one report."""
    from analysis.run import analyze as run
    from server.commands.analyze import on_who_counts

    report = run(dataset, out, plan=plan, pilots=pilots, judge_model=judge_model)
    if warning := on_who_counts(report):
        print(warning, file=sys.stderr)
    print(f"The report: {report}")


@app.command()
def themes(
    dataset: Annotated[Path, typer.Argument(metavar="DIR")],
    out: Annotated[Path, typer.Option(help="A folder; that of analyze is a good one.")],
    embeddings: Annotated[str | None, typer.Option(help="words, local or openai:MODEL")] = None,
    labels: Annotated[str | None, typer.Option(help="words or openai:MODEL")] = None,
    features: Annotated[int | None, typer.Option(min=2, help="Instead of the best of 16 to 256.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    seeds: Annotated[int, typer.Option(min=0, help="Further seeds that tell whether themes are found again.")] = 3,
    codes: Annotated[list[Path] | None, typer.Option(help="A file of the coding page; once per annotator.")] = None,
    decided: Annotated[Path | None, typer.Option(help="A file of the coding page, settled together.")] = None,
    plan: PlanOption = None,
    pilots: Annotated[bool, typer.Option("--pilots", help="Count pilots as well.")] = False,
) -> None:
    """Find themes in what supporters say, test how they change, and lay them out for coding."""
    from analysis.themes.find import Search
    from server.commands.themes import ThemesWishes
    from server.commands.themes import themes as run

    wishes = ThemesWishes(
        embeddings=embeddings,
        labels=labels,
        search=Search(features=features, seed=seed, other_seeds=seeds),
        plan=plan,
        pilots=pilots,
        codes=tuple(codes or ()),
        decided=decided,
    )
    page = asyncio.run(run(dataset, out, wishes))
    print(f"The page: {page}\nFor annotators: {page.with_name('coding.html')}")


@app.command()
def personal(
    dataset: Annotated[Path, typer.Argument(metavar="DIR")],
    participant: Annotated[str, typer.Option(help="The participant_id in the dataset.")],
    out: Annotated[Path, typer.Option(help="An HTML file; it names nobody.")],
    plan: PlanOption = None,
    pilots: Annotated[bool, typer.Option("--pilots", help="Count pilots as well.")] = False,
    judge_model: Annotated[str | None, typer.Option(help="Which judge's scores to take.")] = None,
) -> None:
    """Write one trainee's own report: reliable change, and what they felt beside what was seen."""
    from analysis.personal.page import personal_report

    written = personal_report(dataset, participant, out, plan=plan, pilots=pilots, judge_model=judge_model)
    print(f"The personal report: {written}")


@user_app.command("add")
def user_add(
    name: str,
    role: Annotated[str, typer.Option(help="experimenter, analyst or rater")],
    database: DatabaseOption = None,
) -> None:
    """Add an account for the desk; the password comes from the terminal or from standard input."""
    from server.commands.user import add
    from server.desk.accounts import DeskRole

    if role not in tuple(DeskRole):
        wrong_usage(f"--role must be experimenter, analyst or rater, not {role!r}")
    password = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    asyncio.run(add(read_settings(database_url=database), name=name, role=DeskRole(role), password=password))
    print(f"{name} may log in at the desk as {role}.")


def _is_sqlite(settings: Settings) -> bool:
    from server.storage.database import database_url

    return database_url(settings.database_url).startswith("sqlite")


def main() -> None:
    """Run a command; faults that people can mend are told in a line each, with exit 1."""
    try:
        app()
    except LendanearError as error:
        sys.exit(error.message)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
