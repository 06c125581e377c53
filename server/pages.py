"""The pages of participants: one address shows the current step, and only the current step takes input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from core.bundle import StudyBundle
from core.errors import Full, InvalidAnswer, LendanearError, NotAuthenticated, NotCurrentStep, NotFound
from core.participant import ParticipantStatus
from core.study import Entry as StudyEntry
from core.study import PageStep
from core.survey import ItemKind
from server import engine
from server.access import CURRENT, holder_of, participant_of, remember_token, session_token, world_of
from server.desk.queues import QUEUES, rater_in
from server.entrance import enter_publicly, entry_of_link
from server.html import CSRF_FIELD, SEE_OTHER, html
from server.participant_page import participant_page
from server.participants import Entry
from server.practice import SLUG as PRACTICE
from server.results import results_of
from server.steps import page as page_step
from server.storage.tables import ParticipantRow
from server.withdrawal import withdraw

router = APIRouter(include_in_schema=False)

ENTERING = "entering"
PLATFORM = {"PROLIFIC_PID": "external_id", "SESSION_ID": "session_id", "STUDY_ID": "source"}


@router.get("/")
async def home(request: Request) -> Response:
    """What this server offers."""
    world = world_of(request)
    studies = [
        {"slug": slug, "title": b.study.title, "summary": b.study.summary, "url": f"/s/{slug}"}
        for slug, b in sorted(world.studies.offered.items())
        if slug != PRACTICE and b.study.entry is StudyEntry.ANYONE
    ]
    return html("participant/studies.html", page=participant_page(request, None, title="lendanear"), studies=studies)


@router.get("/s/{slug}")
async def place(request: Request, slug: str) -> Response:
    """The landing page, or the place where this browser left off."""
    world = world_of(request)
    bundle = world.studies.current(slug)
    if request.query_params:
        if slug != PRACTICE:  # who practises is nobody in particular
            _keep_entry(request, slug)
        return RedirectResponse(f"/s/{slug}", SEE_OTHER)
    participant = await _participant(request, bundle)
    if participant is None:
        return _landing(request, bundle)
    return await _current(request, participant)


@router.post("/s/{slug}/steps/{step_id}")
async def take_step(request: Request, slug: str, step_id: str) -> Response:
    """Take the current step by a form."""
    world = world_of(request)
    bundle = world.studies.current(slug)
    async with request.form(max_fields=500) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str) and name != CSRF_FIELD}
    participant = await _participant(request, bundle)
    if participant is None:
        return await _begin(request, bundle, step_id, fields)
    current = await engine.place_of(world, participant)
    answers = _answers(current.bundle, current.step.definition, fields)
    try:
        await engine.take(world, participant, step_id, answers)
    except NotCurrentStep:
        return RedirectResponse(f"/s/{slug}", SEE_OTHER)
    except LendanearError as refusal:
        return await _current(request, participant, refusal=refusal, answers=fields)
    return RedirectResponse(f"/s/{slug}", SEE_OTHER)


@router.get("/s/{slug}/withdraw")
async def ask_withdrawal(request: Request, slug: str) -> Response:
    """Ask once more."""
    participant = await participant_of(request, slug)
    bundle = await world_of(request).studies.version(participant.study_hash)
    return html("participant/withdraw.html", page=participant_page(request, bundle, title="Withdraw"))


@router.post("/s/{slug}/withdraw")
async def leave_study(request: Request, slug: str) -> Response:
    """Withdraw from the study."""
    await withdraw(world_of(request), await participant_of(request, slug))
    return RedirectResponse(f"/s/{slug}", SEE_OTHER)


@router.get("/s/{slug}/results")
async def results(request: Request, slug: str) -> Response:
    """Own conversations and how they were judged, after the end, where the study allows it."""
    world = world_of(request)
    participant = await participant_of(request, slug)
    bundle = await world.studies.version(participant.study_hash)
    if participant.status != ParticipantStatus.COMPLETE or not bundle.study.show_results:
        raise NotFound("There is nothing to look at here yet.")
    page = participant_page(request, bundle, title="Your conversations")
    return html("participant/results.html", page=page, results=await results_of(world, participant))


@router.get("/studies/{slug}/{name:path}")
async def lesson_file(request: Request, slug: str, name: str) -> Response:
    """A lesson video of a study, or its captions."""
    path = world_of(request).studies.lesson_file(slug, name)
    return FileResponse(path, headers={"cache-control": "public, max-age=3600"})


def _keep_entry(request: Request, slug: str) -> None:
    """Remember whom the link names. Raises `InvalidAnswer` for an id that the API would not take either."""
    entry = entry_of_link({field: request.query_params.get(name, "") for name, field in PLATFORM.items()})
    if entry != Entry():
        request.session[ENTERING] = {**request.session.get(ENTERING, {}), slug: asdict(entry)}


def _entry(request: Request, slug: str) -> Entry:
    return Entry(**request.session.get(ENTERING, {}).get(slug, {}))


async def _participant(request: Request, bundle: StudyBundle) -> ParticipantRow | None:
    """The participant of this browser, or the one who returns by the platform's link; None for a newcomer.

    Whoever opens the link with another external id than the one this browser holds is somebody else.
    """
    world, slug, entry = world_of(request), bundle.slug, _entry(request, bundle.slug)
    if not world.participants.admits_anyone(bundle):
        return await rater_in(request, bundle)
    token = session_token(request, slug)
    if token is not None:
        try:
            known = await holder_of(request, token)
        except NotAuthenticated:
            known = None
        if known is not None and world.participants.is_same_person(known, entry):
            request.session[CURRENT] = slug
            return known
    returning = await world.participants.returning(bundle, entry, token=token)
    if returning is None:
        return None
    remember_token(request, slug, returning.token)
    return await world.participants.holder(returning.token)


async def _begin(request: Request, bundle: StudyBundle, step_id: str, fields: Mapping[str, str]) -> Response:
    """The consent of a newcomer: only with it is anything stored."""
    world = world_of(request)
    definition = bundle.study.definitions[0]
    has_no_landing = bundle.slug == PRACTICE or not world.participants.admits_anyone(bundle)
    if step_id != definition.id or has_no_landing:
        return RedirectResponse(f"/s/{bundle.slug}", SEE_OTHER)
    answers = _answers(bundle, definition, fields)
    try:
        page_step.check_consent(bundle.study, answers)
    except InvalidAnswer as refusal:
        return _landing(request, bundle, refusal=refusal, answers=fields)
    entry = _entry(request, bundle.slug)
    admission = await enter_publicly(request, bundle, entry, form=_form_sent(request, entry))
    remember_token(request, bundle.slug, admission.token)
    participant = await world.participants.holder(admission.token)
    try:
        await engine.take(world, participant, step_id, answers)
    except Full as refusal:
        return _landing(request, bundle, refusal=refusal, answers=fields)
    except NotCurrentStep:  # a second click on the same button
        pass
    return RedirectResponse(f"/s/{bundle.slug}", SEE_OTHER)


def _form_sent(request: Request, entry: Entry) -> str | None:
    """What the consent form of this browser is known by, so that a double click makes one participant.

    None for who is known by an external id. Browsers without the cookie of the form could not come back anyway.
    """
    return request.cookies.get(CSRF_FIELD) if entry.external_id is None else None


def _landing(
    request: Request,
    bundle: StudyBundle,
    *,
    refusal: LendanearError | None = None,
    answers: Mapping[str, str] | None = None,
) -> Response:
    definition = bundle.study.definitions[0]
    if not world_of(request).participants.admits_anyone(bundle):
        return RedirectResponse(QUEUES, SEE_OTHER)
    if bundle.slug == PRACTICE or not isinstance(definition, PageStep):
        return RedirectResponse("/practice", SEE_OTHER)
    content = page_step.shown(bundle, definition)
    page = participant_page(request, bundle, title=content["title"], refusal=refusal, answers=answers)
    step = {"id": definition.id, "kind": "page", "content": content}
    return html("participant/consent.html", page=page, step=step, status=refusal.status if refusal else 200)


async def _current(
    request: Request,
    participant: ParticipantRow,
    *,
    refusal: LendanearError | None = None,
    answers: Mapping[str, str] | None = None,
) -> Response:
    """The page of the current step."""
    world = world_of(request)
    bundle = await world.studies.version(participant.study_hash)
    me = await engine.show(world, participant)
    content = me["step"]["content"]
    page = participant_page(
        request, bundle, title=content.get("title", bundle.study.title), me=me, refusal=refusal, answers=answers
    )
    if me["status"] == ParticipantStatus.WITHDRAWN:
        return html("participant/withdrawn.html", page=page)
    template = "participant/consent.html" if content.get("consent") else f"participant/{me['step']['kind']}.html"
    return html(template, page=page, status=refusal.status if refusal else 200)


def _answers(bundle: StudyBundle, definition: Any, fields: Mapping[str, str]) -> dict[str, Any]:
    """A form's fields as answers: ticks become true or false, an empty field is no answer."""
    if definition.kind == "survey":
        ticks = {item.id for item in bundle.surveys[definition.file].items if item.kind is ItemKind.CHECKBOX}
        answers: dict[str, Any] = {name: value for name, value in fields.items() if value.strip()}
        return answers | {tick: fields.get(tick) == "true" for tick in ticks}
    if definition.kind == "page" and definition.consent:
        given: dict[str, Any] = {page_step.CONSENT: fields.get(page_step.CONSENT) == "true"}
        if factor := fields.get(page_step.TIME_FACTOR):
            given[page_step.TIME_FACTOR] = _number(factor)
        return given
    return dict(fields)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
