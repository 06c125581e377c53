"""The commands that judge: transcripts of files, studies, and supporters in an arena."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from core.count import counted
from server.cli_options import CapOption, DatabaseOption, RateOption, YesOption, wrong_usage
from server.settings import read_settings

judging_app = typer.Typer()


@judging_app.command()
def judge(
    file: Path,
    rubric: Annotated[str, typer.Option()],
    out: Annotated[Path, typer.Option()],
    model: Annotated[list[str] | None, typer.Option(help="PROVIDER[:MODEL]; may be given several times.")] = None,
    repeats: Annotated[int, typer.Option(min=1)] = 1,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Keep answers beside the rows.")] = True,
    audit: Annotated[
        bool, typer.Option("--audit", help="How far scores move when nothing that counts changes.")
    ] = False,
    batch: Annotated[bool, typer.Option("--batch", help="Ask by the batch endpoint, where there is one.")] = False,
    rate: RateOption = None,
    cap: CapOption = None,
    yes: YesOption = False,
) -> None:
    """Rate or label the transcripts of a JSON Lines file; goes on where it was stopped."""
    from server.commands.judge import JudgeWishes
    from server.commands.judge import audit as run_audit
    from server.commands.judge import judge as run
    from server.commands.spending import Allowance

    allowance = Allowance(rate=rate, cap_usd=cap, says_yes=yes)
    if batch and not cache:
        wrong_usage("--batch keeps its answers beside the rows: leave --no-cache away")
    if audit and (batch or repeats > 1):
        wrong_usage("--audit asks by single calls, and twice where it needs to: leave --batch and --repeats away")
    wishes = JudgeWishes(
        rubric,
        models=model or ["rules"],
        repeats=repeats,
        keeps_answers=cache,
        allowance=allowance,
        asks_by_batch=batch,
    )
    if audit:
        print(asyncio.run(run_audit(file, out, wishes)))
        return
    done = asyncio.run(run(file, out, wishes))
    counts = done.counts
    if done.spread:
        print(done.spread)
    missing = f", {counts.failed} with something missing" if counts.failed else ""
    print(f"{counts.done} of {counted(counts.total, 'row')} in {out}{missing}.")
    left_out = [f"{count} not judged: {reason}." for reason, count in counts.left_out.items()]
    if left_out:
        left_out.append(allowance.goes_on)
    if faults := [*counts.unjudgeable, *left_out]:
        sys.exit("\n".join(faults))


@judging_app.command()
def sample(
    file: Path,
    out: Annotated[Path, typer.Option(help="A JSON Lines file for judge, compare or a study of people.")],
    size: Annotated[int, typer.Option(min=1, help="How many; the papers take 100.")] = 100,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    replies: Annotated[bool, typer.Option("--replies", help="Draw single replies with what led to them.")] = False,
) -> None:
    """Draw transcripts, or single replies, of a JSON Lines file; the same seed draws the same ones."""
    from judges.sample import sample_file

    done = sample_file(file, out, size=size, seed=seed, replies=replies)
    what = counted(done.of, "reply", "replies") if replies else counted(done.of, "transcript")
    print(f"{done.drawn} of {what} in {out}.")


@judging_app.command()
def means(
    scores: Annotated[list[Path], typer.Argument(help="Outputs of judge, or exported scores.")],
    out: Annotated[Path, typer.Option(help="A JSON file.")],
    sources: Annotated[Path | None, typer.Option(help="CSV with id and source; without it each file is one.")] = None,
) -> None:
    """Show mean scores by source: corpora, models, or whatever the transcripts come from."""
    from judges.means import as_table, read_sources
    from judges.means import means as run
    from judges.summary import write_json

    found = run(scores, None if sources is None else read_sources(sources))
    write_json(out, found.figures)
    print(f"{as_table(found)}\n\nAll figures: {out}.")


@judging_app.command()
def score(
    slug: str,
    rubric: Annotated[str, typer.Option()] = "empathy",
    model: Annotated[str, typer.Option(help="PROVIDER[:MODEL]")] = "rules",
    repeats: Annotated[int, typer.Option(min=1)] = 1,
    rate: RateOption = None,
    cap: Annotated[
        float | None, typer.Option(min=0, help="Most US dollars for the study by this judge, earlier runs included.")
    ] = None,
    yes: YesOption = False,
    work: Annotated[bool, typer.Option("--work/--no-work", help="Judge in this process, too.")] = True,
    database: DatabaseOption = None,
) -> None:
    """Have a model score every finished conversation of a study; goes on where it was stopped."""
    from server.commands.score import ScoreWishes
    from server.commands.score import score as run
    from server.commands.spending import Allowance

    allowance = Allowance(rate=rate, cap_usd=cap, says_yes=yes)
    wishes = ScoreWishes(slug, rubric=rubric, model=model, repeats=repeats, allowance=allowance, works=work)
    done = asyncio.run(run(read_settings(database_url=database), wishes))
    missing = f", {done.missing} with something missing" if done.missing else ""
    print(f"{done.done} of {counted(done.total, 'judgement')} of {slug}{missing}.")
    if done.faults:
        sys.exit("\n".join(done.faults))


@judging_app.command()
def assessments(
    file: Annotated[Path, typer.Argument(help="Transcripts with `ratings` of their last reply.")],
    out: Annotated[Path, typer.Option(help="A JSON Lines file of examples.")],
    model: Annotated[str, typer.Option(help="PROVIDER:MODEL that writes comment and suggestion.")],
    weaker: Annotated[str | None, typer.Option(help="PROVIDER:MODEL to reply as well, a point lower.")] = None,
    rubric: str = "helpfulness",
    rater: Annotated[str | None, typer.Option(help="Whose scores to take.")] = None,
    rate: RateOption = None,
    cap: CapOption = None,
    yes: YesOption = False,
) -> None:
    """Make examples for training an assessor from replies that an expert has scored."""
    from server.commands.assessments import AssessmentWishes
    from server.commands.assessments import assessments as run
    from server.commands.spending import Allowance

    allowance = Allowance(rate=rate, cap_usd=cap, says_yes=yes)
    wishes = AssessmentWishes(model, weaker=weaker, rubric=rubric, rater=rater, allowance=allowance)
    done = asyncio.run(run(file, out, wishes))
    missing = f", {done.missing} with something missing" if done.missing else ""
    print(f"{counted(done.rows, 'example')} in {out}{missing}.")


@judging_app.command()
def compare(
    file: Path,
    pairs: Annotated[int, typer.Option(min=1, help="Comparisons per scenario, each asked in both orders.")],
    out: Annotated[Path, typer.Option(help="A CSV file; the ratings go beside it.")],
    seed: int = 1,
    model: Annotated[str, typer.Option(help="PROVIDER[:MODEL]")] = "rules",
    rubric: str = "felt_heard_pair",
    start: Annotated[float, typer.Option(help="Elo rating of everyone before the first comparison.")] = 1000.0,
    k: Annotated[float, typer.Option(min=0, help="How far one Elo comparison moves.")] = 32.0,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Keep answers beside the rows.")] = True,
    rate: RateOption = None,
    cap: CapOption = None,
    yes: YesOption = False,
) -> None:
    """Choose between transcripts of the same scenario; Elo and Bradley-Terry ratings beside the choices."""
    from server.commands.compare import CompareWishes
    from server.commands.compare import compare as run
    from server.commands.spending import Allowance

    allowance = Allowance(rate=rate, cap_usd=cap, says_yes=yes)
    wishes = CompareWishes(
        pairs, seed=seed, model=model, rubric=rubric, start=start, k=k, keeps_answers=cache, allowance=allowance
    )
    done = asyncio.run(run(file, out, wishes))
    print(done.table + "\n")
    failed = f", {done.figures['failures']} without a choice" if done.figures["failures"] else ""
    print(f"{counted(done.figures['comparisons'], 'comparison')} in {out}{failed}; ratings in {done.ratings}.")
    if done.unjudgeable:
        sys.exit("\n".join(done.unjudgeable))


@judging_app.command()
def arena(
    supporter: Annotated[list[str], typer.Option(help="PROVIDER[:MODEL][@SKILL]; once for each.")],
    out: Annotated[Path, typer.Option(help="A folder.")],
    sessions: Annotated[int, typer.Option(min=1)] = 10,
    turns: Annotated[int | None, typer.Option(min=1, help="Fewest replies; 8, or 10 with --choose.")] = None,
    seeker: Annotated[str, typer.Option(help="PROVIDER[:MODEL] or person:NAME")] = "rules",
    choose: Annotated[str | None, typer.Option(help="Who chooses at each turn between two supporters.")] = None,
    scenario: Annotated[list[str] | None, typer.Option(help="May be given several times; without it all.")] = None,
    rubric: Annotated[str, typer.Option(help="By which a model chooses.")] = "felt_heard_pair",
    seed: Annotated[int, typer.Option(min=0)] = 1,
    rate: RateOption = None,
    cap: CapOption = None,
    yes: YesOption = False,
) -> None:
    """Let supporters talk with the same seekers, alone or with two replies to choose from at each turn."""
    from server.commands.arena import arena as run
    from server.commands.cast import ArenaWishes
    from server.commands.spending import Allowance

    wishes = ArenaWishes(
        supporter,
        seeker=seeker,
        choose=choose,
        rubric=rubric,
        scenarios=scenario or (),
        sessions=sessions,
        turns=turns,
        seed=seed,
        allowance=Allowance(rate=rate, cap_usd=cap, says_yes=yes),
    )
    done = asyncio.run(run(out, wishes))
    print(f"{done.table}\n\n{counted(len(done.held), 'session')} in {out}.")
    if done.broken_off:
        told = [f"{session.id} broke off: {session.reason}" for session in done.broken_off]
        sys.exit("\n".join([*told, "The same command holds them again."]))


@judging_app.command()
def agree(
    scores: Annotated[Path, typer.Argument(help="Output of judge or compare, or exported scores.")],
    reference: Annotated[Path, typer.Argument(help="Transcripts with ratings, exported scores, or choices.csv.")],
    out: Annotated[Path, typer.Option(help="A JSON file; the list of disagreements goes beside it.")],
    judge_model: Annotated[str | None, typer.Option(help="Which judge's scores to take.")] = None,
    draws: Annotated[int, typer.Option(min=1, help="Resamples behind every interval.")] = 1000,
) -> None:
    """Compare a judge with people, dimension by dimension."""
    from server.commands.agree import agree as run

    done = run(scores, reference, out, judge_model=judge_model, draws=draws)
    print(done.table)
    print(f"\nAll figures: {out}." + (f" Where they differ most: {done.list}." if done.list else ""))
